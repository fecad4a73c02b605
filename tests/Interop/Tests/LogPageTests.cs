using System.Globalization;
using System.Text.Json;
using Nvmf.Interop.Lab;
using Xunit.Abstractions;

namespace Nvmf.Interop.Tests;

public sealed class LogPageTests(LabFixture lab, ITestOutputHelper output) : LabTest(lab, output)
{
    [SkippableFact]
    public async Task Smart_log_counts_what_was_read_and_written()
    {
        await StartTargetAsync("--disk", "mem:16MiB");
        LinuxController controller = await ConnectAsync("-i 1");
        string device = await controller.DeviceAsync();
        JsonElement before = await controller.NvmeAsync("smart-log");
        await Guest.RunAsync($"dd if=/dev/zero of={device} bs=1M count=4 oflag=direct && dd if={device} of=/dev/null bs=1M count=2 iflag=direct");
        JsonElement after = await controller.NvmeAsync("smart-log");

        Assert.Equal(0, after.GetProperty("critical_warning").GetInt32());
        Assert.Equal(0, Number(after, "media_errors"));

        // One data unit is 1000 blocks of 512 bytes.
        Assert.InRange(Number(after, "data_units_written") - Number(before, "data_units_written"), 8, 10);
        Assert.InRange(Number(after, "data_units_read") - Number(before, "data_units_read"), 4, 8);
        Assert.True(Number(after, "host_write_commands") - Number(before, "host_write_commands") >= 4);
        Assert.True(Number(after, "host_read_commands") - Number(before, "host_read_commands") >= 2);
        Say($"after writing 4 MiB and reading 2 MiB: data units written +{Number(after, "data_units_written") - Number(before, "data_units_written")}, "
            + $"read +{Number(after, "data_units_read") - Number(before, "data_units_read")}");
    }

    [SkippableFact]
    public async Task Effects_log_has_the_commands_that_are_supported()
    {
        await StartTargetAsync();
        LinuxController controller = await ConnectAsync("-i 1");

        // Without a sub-page nvme-cli 2.3 asks for two and fails where CAP.CSS does not announce I/O command sets.
        string log = await Guest.RunAsync($"nvme get-log {controller.Path} -i 5 -l 4096 -b | od -An -v -t u4 -w4");
        uint[] entries = [.. log.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => uint.Parse(line, CultureInfo.InvariantCulture))];
        Assert.Equal(1024, entries.Length);
        uint[] admin = [.. Supported(entries[..256])];
        uint[] io = [.. Supported(entries[256..512])];
        Assert.Superset(new SortedSet<uint> { 0x02, 0x06, 0x08, 0x09, 0x0A, 0x0C, 0x18 }, new SortedSet<uint>(admin));
        Assert.Superset(new SortedSet<uint> { 0x00, 0x01, 0x02, 0x05, 0x08, 0x09, 0x0C, 0x19 }, new SortedSet<uint>(io));
        foreach (uint write in new uint[] { 0x01, 0x08, 0x09, 0x19 })
        {
            Assert.True((entries[256 + write] & 2) != 0, $"opcode {write:x2}h changes logical block content (LBCC)");
        }

        Say($"admin {Hex(admin)}; I/O {Hex(io)}");
    }

    [SkippableFact]
    public async Task Error_log_has_a_failed_command()
    {
        await StartTargetAsync("--disk", "mem:16MiB");
        LinuxController controller = await ConnectAsync("-i 1");
        string device = await controller.DeviceAsync();
        StepResult beyond = await Guest.TryAsync($"nvme read {device} -s 32768 -c 0 -z 512 -d /tmp/beyond");
        Assert.NotEqual(0, beyond.ExitCode);
        Assert.Contains("LBA", beyond.Output, StringComparison.OrdinalIgnoreCase);

        JsonElement[] errors = [.. (await controller.NvmeAsync("error-log", "-e 4")).GetProperty("errors").EnumerateArray()];
        JsonElement newest = errors.MaxBy(e => e.GetProperty("error_count").GetInt64());
        Assert.True(newest.GetProperty("error_count").GetInt64() > 0);
        Assert.Equal(32768, newest.GetProperty("lba").GetInt64());
        Assert.Equal(1, newest.GetProperty("nsid").GetInt32());
        Say($"a read beyond the end is entry {newest.GetProperty("error_count")} of the error log, status {newest.GetProperty("status_field")}");
    }

    [SkippableFact]
    public async Task Firmware_slot_and_ana_logs()
    {
        await StartTargetAsync();
        LinuxController controller = await ConnectAsync("-i 1");
        JsonElement id = await controller.NvmeAsync("id-ctrl");
        JsonElement firmware = (await controller.NvmeAsync("fw-log")).GetProperty(controller.Name);
        Assert.Equal(1, firmware.GetProperty("Active Firmware Slot (afi)").GetInt32() & 7);

        bool announcesAna = (id.GetProperty("cmic").GetInt32() & 8) != 0;
        if (announcesAna)
        {
            JsonElement groups = (await controller.NvmeAsync("ana-log")).GetProperty("ANA DESC LIST ");
            Assert.All(groups.EnumerateArray(), group => Assert.Equal("optimized", group.GetProperty("state").GetString()));
        }

        Say($"firmware log is there, ANA is {(announcesAna ? "optimized" : "not announced")}");
    }

    [SkippableFact]
    public async Task Features()
    {
        await StartTargetAsync();
        LinuxController controller = await ConnectAsync("-i 2 -k 7");
        Assert.Equal(7000u, await FeatureAsync(0x0F));
        Assert.True((await FeatureAsync(0x0B) & 0x100) != 0, "namespace attribute notices were switched on by the host");
        uint queues = await FeatureAsync(0x07);
        Assert.True((queues & 0xFFFF) >= 1 && queues >> 16 >= 1, "at least the two queues that are in use, zero's based");
        await Guest.RunAsync($"nvme get-feature {controller.Path} -f 0x0e");
        Say($"keep-alive 7000 ms, number of queues {queues:x8}");

        async Task<uint> FeatureAsync(int feature)
        {
            string text = await Guest.RunAsync($"nvme get-feature {controller.Path} -f {feature}");
            return Convert.ToUInt32(text.Split("value:0x")[1].Trim()[..8], 16);
        }
    }

    private static long Number(JsonElement log, string name) => long.Parse(log.GetProperty(name).ToString(), CultureInfo.InvariantCulture);

    private static IEnumerable<uint> Supported(uint[] entries) =>
        entries.Select((entry, opcode) => (entry, opcode)).Where(e => (e.entry & 1) != 0).Select(e => (uint)e.opcode);

    private static string Hex(IEnumerable<uint> opcodes) => string.Join(' ', opcodes.Select(o => o.ToString("x2", CultureInfo.InvariantCulture)));
}
