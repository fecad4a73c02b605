using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Nvmf.Interop.Lab;
using Nvmf.Interop.Rdma;
using Xunit.Abstractions;

namespace Nvmf.Interop.Tests;

/// <summary>
/// Reservations of two hosts that are the same kernel: connected one after the other the block layer meets them, connected at the same time nvme-cli does, by the character devices
/// (the kernel takes both connections for paths of one disk).
/// </summary>
public sealed class ReservationTests(LabFixture lab, ITestOutputHelper output) : LabTest(lab, output)
{
    private const string HostA = "-q nqn.2014-08.org.nvmexpress:uuid:aaaaaaaa-0000-4000-8000-000000000001 -I aaaaaaaa-0000-4000-8000-000000000001";
    private const string HostB = "-q nqn.2014-08.org.nvmexpress:uuid:bbbbbbbb-0000-4000-8000-000000000002 -I bbbbbbbb-0000-4000-8000-000000000002";

    // What the block layer and the host say of a write that the reservation of another host refused.
    internal static readonly string[] Conflicts =
    [
        "critical nexus error, dev nvme", "reservation conflict error, dev nvme", @"I/O Cmd\(0x[0-9a-f]+\) @ LBA", "Reservation Conflict", "I/O error, dev nvme", "Buffer I/O error",
        @"nvme_log_error: \d+ callbacks suppressed", "unable to read (RDB block|partition table)", "using deprecated NVME_IOCTL_IO_CMD", @"nvme\d+: .*Reservation",
    ];

    [SkippableFact]
    public async Task The_block_layer_of_another_host_meets_the_reservation_of_one_that_has_left()
    {
        await StartTargetAsync("--disk", "mem:16MiB");
        AllowInKernelLog(Conflicts);
        LinuxController a = await ConnectAsync($"-i 1 {HostA}");
        string device = await a.DeviceAsync();
        await Guest.RunAsync($"nvme resv-register {device} --nrkey=0xA --rrega=0 && nvme resv-acquire {device} --crkey=0xA --rtype=1 --racqa=0");
        await Guest.RunAsync($"dd if=/dev/zero of={device} bs=4k count=4 oflag=direct");
        await a.DisconnectAsync();

        LinuxController b = await ConnectAsync($"-i 1 {HostB}");
        device = await b.DeviceAsync();
        await Guest.RunAsync($"dd if={device} of=/dev/null bs=4k count=4 iflag=direct");
        StepResult refused = await Guest.TryAsync($"dd if=/dev/zero of={device} bs=4k count=4 oflag=direct");
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("Invalid exchange", refused.Output, StringComparison.Ordinal);
        StepResult discard = await Guest.TryAsync($"blkdiscard {device}");
        Assert.NotEqual(0, discard.ExitCode);
        JsonElement report = await ReportAsync(device);
        Assert.Equal(1, Number(report, "rtype"));

        await Guest.RunAsync($"nvme resv-register {device} --nrkey=0xB --rrega=0 && nvme resv-acquire {device} --crkey=0xB --prkey=0xA --rtype=1 --racqa=2");
        await Guest.RunAsync($"dd if=/dev/zero of={device} bs=4k count=4 oflag=direct && nvme resv-release {device} --crkey=0xB --rtype=1 --rrela=0");
        await b.DisconnectAsync();

        a = await ConnectAsync($"-i 1 {HostA}");
        device = await a.DeviceAsync();
        await Guest.RunAsync($"dd if=/dev/zero of={device} bs=4k count=4 oflag=direct");
        Say($"{Guest.KernelRelease}: a write of host B failed while host A, gone, held the disk: {LastLine(refused.Output)}");
    }

    [SkippableFact]
    public async Task Two_hosts_at_once_by_nvme_cli()
    {
        await StartTargetAsync("--disk", "mem:16MiB");
        AllowInKernelLog(Conflicts);
        LinuxController a = await ConnectAsync($"-i 1 {HostA}");
        LinuxController b = await ConnectBesideAsync();
        await a.DeviceAsync();
        await b.DeviceAsync();
        Assert.Equal(0xFE, Number(await JsonAsync($"nvme id-ns {a.Path} -n 1 -o json"), "rescap"));
        await Guest.RunAsync($"nvme resv-register {a.Path} -n 1 --nrkey=0xA --rrega=0; nvme resv-register {b.Path} -n 1 --nrkey=0xB --rrega=0");
        await Guest.RunAsync($"nvme resv-acquire {a.Path} -n 1 --crkey=0xA --rtype=2 --racqa=0");
        Assert.Contains("success", await Guest.RunAsync(Write(a)), StringComparison.OrdinalIgnoreCase);
        StepResult refused = await Guest.TryAsync(Write(b));
        Assert.Contains("RESERVATION", refused.Output.ToUpperInvariant(), StringComparison.Ordinal);
        StepResult taken = await Guest.TryAsync($"nvme resv-acquire {b.Path} -n 1 --crkey=0xB --rtype=2 --racqa=0");
        Assert.Contains("RESERVATION", taken.Output.ToUpperInvariant(), StringComparison.Ordinal);
        JsonElement report = await ReportAsync(b.Path + " -n 1");
        Assert.Equal((2, 2), (Number(report, "rtype"), Number(report, "gen")));

        await Guest.RunAsync($"nvme resv-acquire {b.Path} -n 1 --crkey=0xB --prkey=0xA --rtype=4 --racqa=2");
        Assert.Contains("success", await Guest.RunAsync(Write(b)), StringComparison.OrdinalIgnoreCase);
        StepResult preempted = await Guest.TryAsync(Write(a));
        Assert.Contains("RESERVATION", preempted.Output.ToUpperInvariant(), StringComparison.Ordinal);

        // Bytes 0 to 15 of the notification: number 1, registration preempted, none behind it, namespace 1.
        string notification = await Guest.RunAsync($"nvme get-log {a.Path} -i 0x80 -l 64 -b | od -An -v -t x1 -N 16");
        Assert.Equal("01 00 00 00 00 00 00 00 01 00 00 00 01 00 00 00", notification.Trim());
        await Guest.RunAsync($"nvme resv-release {b.Path} -n 1 --crkey=0xB --rrela=1");
        Assert.Contains("success", await Guest.RunAsync(Write(a)), StringComparison.OrdinalIgnoreCase);
        Assert.Equal(0, Number(await ReportAsync(a.Path + " -n 1"), "rtype"));
        Say($"{Guest.KernelRelease}: {LastLine(refused.Output)}");
    }

    [SkippableFact]
    public async Task A_reservation_outlives_the_target()
    {
        using var file = new TemporaryFile();
        using var state = new TemporaryFile();
        File.Delete(state.Path);
        await StartTargetAsync("--disk", $"file:{file.Path},size=16MiB,reservations={state.Path}");
        AllowInKernelLog(Conflicts);
        AllowInKernelLog(Recovery);
        LinuxController a = await ConnectAsync($"-i 1 {HostA}");
        string device = await a.DeviceAsync();
        await Guest.RunAsync($"nvme resv-register {device} --nrkey=0xA --rrega=0 --cptpl=3 && nvme resv-acquire {device} --crkey=0xA --rtype=3 --racqa=0");
        await a.DisconnectAsync();
        await Target.StopAsync();
        await Target.StartAsync();
        LinuxController b = await ConnectAsync($"-i 1 {HostB}");
        device = await b.DeviceAsync();
        StepResult refused = await Guest.TryAsync($"dd if=/dev/zero of={device} bs=4k count=4 oflag=direct");
        Assert.NotEqual(0, refused.ExitCode);
        JsonElement report = await ReportAsync(device);
        Assert.Equal((3, 1), (Number(report, "rtype"), Number(report, "ptpls")));
        Say($"{Guest.KernelRelease}: reserved, target restarted, still reserved: {LastLine(refused.Output)}");
    }

    [SkippableFact]
    public async Task The_kernels_own_persistent_reservations()
    {
        using var state = new TemporaryFile();
        File.Delete(state.Path);
        await StartTargetAsync("--disk", $"mem:16MiB,reservations={state.Path}");
        AllowInKernelLog(Conflicts);
        string guestHost = $"dotnet {await OwnHost.InstallAsync("GuestHost", Guest)}/GuestHost.dll pr";
        LinuxController a = await ConnectAsync($"-i 1 {HostA}");
        string device = await a.DeviceAsync();
        string done = await Guest.RunAsync($"{guestHost} {device} register 10 && {guestHost} {device} reserve 10 2", Patience.Long);
        Assert.Contains("pr register: 0", done, StringComparison.Ordinal);
        Assert.Contains("pr reserve: 0", done, StringComparison.Ordinal);
        JsonElement report = await ReportAsync(device);
        Assert.Equal((2, 1), (Number(report, "rtype"), Number(report, "ptpls")));
        await a.DisconnectAsync();

        LinuxController b = await ConnectAsync($"-i 1 {HostB}");
        device = await b.DeviceAsync();
        string taken = await Guest.RunAsync($"{guestHost} {device} register 11 && {guestHost} {device} reserve 11 2; {guestHost} {device} preempt-abort 11 10 3", Patience.Long);
        Assert.Contains("pr register: 0", taken, StringComparison.Ordinal);
        Assert.DoesNotContain("pr reserve: 0", taken, StringComparison.Ordinal);
        Assert.Contains("pr preempt-abort: 0", taken, StringComparison.Ordinal);
        Assert.Equal(3, Number(await ReportAsync(device), "rtype"));
        string ended = await Guest.RunAsync($"{guestHost} {device} release 11 3 && {guestHost} {device} clear 11", Patience.Long);
        Assert.Contains("pr release: 0", ended, StringComparison.Ordinal);
        Assert.Contains("pr clear: 0", ended, StringComparison.Ordinal);
        Say($"{Guest.KernelRelease}: {taken.Replace("\n", "; ", StringComparison.Ordinal)}");
    }

    // nvme-cli sees the other host's connection, and says that it is connected already. The kernel knows better.
    private async Task<LinuxController> ConnectBesideAsync()
    {
        const string Id = "bbbbbbbb-0000-4000-8000-000000000002";
        string answer = await Guest.RunAsync(
            $"""
            exec 3<>/dev/nvme-fabrics
            printf %s "transport=tcp,traddr=10.0.2.2,trsvcid={Target.Port},nqn={Target.Nqn},hostnqn=nqn.2014-08.org.nvmexpress:uuid:{Id},hostid={Id},nr_io_queues=1" >&3
            head -n 1 <&3
            """);
        return new LinuxController(Guest, "nvme" + Regex.Match(answer, @"instance=(\d+)").Groups[1].Value);
    }

    private static string Write(LinuxController host) =>
        $"nvme io-passthru {host.Path} --opcode=1 --namespace-id=1 --data-len=512 --write --input-file=/dev/zero 2>&1";

    private static int Number(JsonElement answer, string name) => answer.GetProperty(name) is { ValueKind: JsonValueKind.Number } number
        ? number.GetInt32()
        : int.Parse(answer.GetProperty(name).GetString()!, CultureInfo.InvariantCulture);

    private static string LastLine(string text) => text.Trim().Split('\n')[^1];

    // EDS: nvme-cli has a word for it since 2.1, before that a number.
    private Task<JsonElement> ReportAsync(string device) => JsonAsync($"nvme resv-report {device} --eds -o json 2>/dev/null || nvme resv-report {device} --cdw11=1 -o json");
}
