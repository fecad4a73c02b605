using Nvmf.Interop.Lab;
using Xunit.Abstractions;

namespace Nvmf.Interop.Tests;

/// <summary>Data that is written comes back: every block carries a checksum and its own place.</summary>
public sealed class DataTests(LabFixture lab, ITestOutputHelper output) : LabTest(lab, output)
{
    [SkippableTheory]
    [InlineData("", "--bs=4k --size=2m --iodepth=1")]
    [InlineData("", "--bs=4k --size=16m --iodepth=32")]
    [InlineData("", "--bs=64k --size=24m --iodepth=8")]
    [InlineData("", "--bs=1m --size=48m --iodepth=4")]
    [InlineData("", "--bssplit=4k/40:8k/10:12k/10:64k/20:256k/10:1m/10 --size=32m --iodepth=16")]
    [InlineData("-g -G", "--bssplit=4k/40:12k/20:64k/20:256k/10:1m/10 --size=24m --iodepth=16")]
    [InlineData("-G", "--bsrange=512-1m --size=16m --iodepth=8")]
    [InlineData("", "--rw=randrw --bssplit=4k/50:128k/50 --size=16m --iodepth=16")]
    [InlineData("-i 4", "--rw=randwrite --bs=4k --size=4m --iodepth=8 --numjobs=4 --offset_increment=8m --group_reporting")]
    public async Task Fio_verify(string connectOptions, string fioOptions)
    {
        await StartTargetAsync("--disk", "mem:64MiB");
        LinuxController controller = await ConnectAsync(connectOptions.Contains("-i", StringComparison.Ordinal) ? connectOptions : $"-i 2 {connectOptions}");
        FioResult result = await Fio.VerifyAsync(Guest, await controller.DeviceAsync(), fioOptions);
        Say($"{fioOptions} {connectOptions}: {result}");
    }

    [SkippableFact]
    public async Task Fio_verify_on_4096_byte_blocks_and_a_file()
    {
        using var file = new TemporaryFile();
        await StartTargetAsync("--disk", $"file:{file.Path},size=64MiB,block=4096");
        LinuxController controller = await ConnectAsync("-i 2 -G");
        FioResult result = await Fio.VerifyAsync(
            Guest, await controller.DeviceAsync(), "--bssplit=4k/60:64k/30:1m/10 --size=24m --iodepth=16 --fsync=64");
        Say($"file, 4096 byte blocks, data digest: {result}");
    }

    /// <summary>The target's file and what the guest wrote are compared directly, without the target's read path.</summary>
    [SkippableFact]
    public async Task What_the_guest_writes_is_in_the_file_and_the_other_way_round()
    {
        using var file = new TemporaryFile();
        byte[] image = new byte[8 << 20];
        new Random(2).NextBytes(image);
        await File.WriteAllBytesAsync(file.Path, image);
        await StartTargetAsync("--disk", $"file:{file.Path}");
        LinuxController controller = await ConnectAsync("-i 1");
        string device = await controller.DeviceAsync();
        string read = await Guest.RunAsync($"dd if={device} bs=1M iflag=direct status=none | sha256sum");
        Assert.StartsWith(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(image)), read, StringComparison.Ordinal);

        string written = await Guest.RunAsync(
            $"dd if=/dev/urandom of=/tmp/data bs=1M count=8 status=none; dd if=/tmp/data of={device} bs=256k oflag=direct conv=fsync status=none; sha256sum </tmp/data");
        byte[] now = await File.ReadAllBytesAsync(file.Path);
        Assert.StartsWith(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(now)), written, StringComparison.Ordinal);
        Say("8 MiB of an existing image read by the guest, 8 MiB written by the guest found in the file: same SHA-256");
    }
}
