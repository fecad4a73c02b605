using System.Text.Json;
using System.Text.RegularExpressions;
using Nvmf.Interop.Lab;
using Xunit.Abstractions;

namespace Nvmf.Interop.Tests;

public sealed class IdentifyTests(LabFixture lab, ITestOutputHelper output) : LabTest(lab, output)
{
    private const long MiB = 1048576;

    [SkippableFact]
    public async Task Identify_controller()
    {
        await StartTargetAsync();
        LinuxController controller = await ConnectAsync("-i 1");
        JsonElement id = await controller.NvmeAsync("id-ctrl");

        Assert.Equal(Target.Nqn, id.GetProperty("subnqn").GetString());
        Assert.Equal(await controller.AttributeAsync("cntlid"), $"{id.GetProperty("cntlid")}");
        Assert.InRange(id.GetProperty("cntlid").GetInt32(), 1, 0xFFEF);
        Assert.Equal(1, id.GetProperty("cntrltype").GetInt32());
        Assert.True(id.GetProperty("ver").GetInt32() >= 0x10400, "CNTRLTYPE needs NVMe 1.4 or later");
        Assert.NotEqual("", id.GetProperty("sn").GetString()!.Trim());
        Assert.NotEqual("", id.GetProperty("mn").GetString()!.Trim());
        Assert.NotEqual("", id.GetProperty("fr").GetString()!.Trim());
        Assert.NotEqual(0, id.GetProperty("kas").GetInt32());
        Assert.Equal(0x66, id.GetProperty("sqes").GetInt32());
        Assert.Equal(0x44, id.GetProperty("cqes").GetInt32());
        Assert.Equal(0, id.GetProperty("icdoff").GetInt32());
        Assert.True(id.GetProperty("ioccsz").GetInt32() >= 4);
        Assert.True(id.GetProperty("iorcsz").GetInt32() >= 1);
        Assert.InRange(id.GetProperty("sgls").GetInt32() & 3, 1, 2);
        Assert.True((id.GetProperty("cmic").GetInt32() & 2) != 0, "several controllers are supported");
        Assert.True((id.GetProperty("oaes").GetInt32() & 0x100) != 0, "namespace attribute notices are supported");

        // Compare, dataset management, write zeroes, timestamp, verify, copy.
        const int Commands = (1 << 0) | (1 << 2) | (1 << 3) | (1 << 6) | (1 << 7) | (1 << 8);
        Assert.Equal(Commands, id.GetProperty("oncs").GetInt32() & Commands);
        Assert.True((id.GetProperty("vwc").GetInt32() & ~7) == 0);
        Say($"id-ctrl: cntlid {id.GetProperty("cntlid")}, sn '{id.GetProperty("sn").GetString()!.Trim()}', oncs {id.GetProperty("oncs")}, mdts {id.GetProperty("mdts")}");
    }

    [SkippableTheory]
    [InlineData("mem:24MiB", 24, 512)]
    [InlineData("mem:8MiB,block=4096", 8, 4096)]
    [InlineData("null:1GiB", 1024, 512)]
    public async Task Identify_namespace(string disk, long mebibytes, int blockSize)
    {
        await StartTargetAsync("--disk", disk);
        LinuxController controller = await ConnectAsync("-i 1");
        string device = await controller.DeviceAsync();
        JsonElement id = await JsonAsync($"nvme id-ns {device} -o json");

        Assert.Equal(mebibytes * MiB / blockSize, id.GetProperty("nsze").GetInt64());
        Assert.Equal(mebibytes * MiB / blockSize, id.GetProperty("ncap").GetInt64());
        JsonElement format = id.GetProperty("lbafs")[id.GetProperty("flbas").GetInt32() & 15];
        Assert.Equal(blockSize, 1 << format.GetProperty("ds").GetInt32());
        Assert.Equal(0, format.GetProperty("ms").GetInt32());
        Assert.True((id.GetProperty("nmic").GetInt32() & 1) != 0, "shared between controllers");

        Assert.Equal($"{mebibytes * MiB}", (await Guest.RunAsync($"blockdev --getsize64 {device}")).Trim());
        Assert.Equal($"{blockSize}", (await Guest.RunAsync($"blockdev --getss {device}")).Trim());
        Say($"{disk}: id-ns says {id.GetProperty("nsze")} blocks of {blockSize}, the kernel has the same");
    }

    [SkippableFact]
    public async Task Namespace_identifiers_are_unique_and_the_same_after_a_restart()
    {
        string folder = Directory.CreateTempSubdirectory("interop").FullName;
        try
        {
            await StartTargetAsync("--disk", $"file:{folder}/a,size=4MiB", "--disk", $"file:{folder}/b,size=4MiB");
            string[] before = await IdentifiersAsync();
            Assert.Equal(2, before.Distinct().Count());
            await Target.StopAsync();
            await Target.StartAsync();
            string[] after = await IdentifiersAsync();
            Assert.Equal(before, after);
            Say($"NSID 1 is {before[0]}, NSID 2 is {before[1]}, before and after a restart");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [SkippableFact]
    public async Task List_and_list_subsystems()
    {
        await StartTargetAsync("--disk", "mem:24MiB");
        LinuxController controller = await ConnectAsync("-i 1");
        string device = await controller.DeviceAsync();

        JsonElement entry = (await JsonAsync("nvme list -o json")).GetProperty("Devices").EnumerateArray()
            .Single(e => e.GetProperty("DevicePath").GetString() == device);
        JsonElement id = await controller.NvmeAsync("id-ctrl");
        Assert.Equal(24 * MiB, entry.GetProperty("PhysicalSize").GetInt64());
        Assert.Equal(id.GetProperty("sn").GetString()!.Trim(), entry.GetProperty("SerialNumber").GetString()!.Trim());
        Assert.Equal(id.GetProperty("mn").GetString()!.Trim(), entry.GetProperty("ModelNumber").GetString()!.Trim());

        string subsystems = await Guest.RunAsync("nvme list-subsys");
        Assert.Contains($"NQN={Target.Nqn}", subsystems, StringComparison.Ordinal);
        Assert.Matches($@"{controller.Name} tcp traddr=10\.0\.2\.2,trsvcid={Target.Port}.* live", subsystems);

        JsonElement namespaces = await controller.NvmeAsync("list-ns");
        Assert.Equal(1, namespaces.GetProperty("nsid_list").EnumerateArray().Single().GetProperty("nsid").GetInt32());
        Say($"nvme list, list-subsys and list-ns agree about {device}");
    }

    [SkippableFact]
    public async Task Controller_registers()
    {
        await StartTargetAsync();
        LinuxController controller = await ConnectAsync("-i 1");

        // nvme-cli 2.3 also asks for registers that fabrics controllers lack; it prints what it got.
        StepResult result = await Guest.TryAsync($"for o in 0 8 0x14 0x1c; do nvme get-property {controller.Path} -o $o; done");
        long[] values = [.. Regex.Matches(result.Output, @"value:? *:? *([0-9a-f]+)").Select(m => Convert.ToInt64(m.Groups[1].Value, 16))];
        Assert.True(values.Length == 4, result.Output);
        Assert.True((values[0] & (1L << 16)) != 0, "CAP.CQR is required of fabrics controllers");
        Assert.True((values[0] & (1L << 37)) != 0, "CAP.CSS: the NVM command set");
        Assert.True((values[0] >> 24 & 0xFF) >= 1, "CAP.TO");
        Assert.Equal((await controller.NvmeAsync("id-ctrl")).GetProperty("ver").GetInt64(), values[1]);
        Assert.Equal(0x460001, values[2] & ~0x70L);
        Assert.Equal(1, values[3]);
        Say($"CAP {values[0]:x}, VS {values[1]:x}, CC {values[2]:x}, CSTS {values[3]:x}");
    }

    private async Task<string[]> IdentifiersAsync()
    {
        LinuxController controller = await ConnectAsync("-i 1");
        var identifiers = new List<string>();
        foreach (int namespaceId in new[] { 1, 2 })
        {
            string device = await controller.DeviceAsync(namespaceId);
            JsonElement descriptors = (await JsonAsync($"nvme ns-descs {device} -o json")).GetProperty("ns-descs");
            Assert.Contains(descriptors.EnumerateArray(), d => d.GetProperty("type").GetString() is "uuid" or "nguid" or "eui64");
            identifiers.Add((await Guest.RunAsync($"cat /sys/block/{device[5..]}/wwid")).Trim());
        }

        await controller.DisconnectAsync();
        return [.. identifiers];
    }
}
