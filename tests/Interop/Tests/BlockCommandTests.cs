using Nvmf.Interop.Lab;
using Xunit.Abstractions;

namespace Nvmf.Interop.Tests;

/// <summary>Commands other than read and write: by the kernel's block layer, and by nvme-cli as they are.</summary>
public sealed class BlockCommandTests(LabFixture lab, ITestOutputHelper output) : LabTest(lab, output)
{
    [SkippableTheory]
    [InlineData("mem:32MiB", "blkdiscard -o 1048576 -l 4194304 $dev")]
    [InlineData("mem:32MiB", "blkdiscard -z -o 1048576 -l 4194304 $dev")]
    [InlineData("mem:32MiB", "fallocate -p -o 1048576 -l 4194304 $dev")]
    [InlineData("file", "blkdiscard -o 1048576 -l 4194304 $dev")]
    [InlineData("file", "blkdiscard -z -o 1048576 -l 4194304 $dev")]
    [InlineData("file", "fallocate -z -o 1048576 -l 4194304 $dev")]
    public async Task Zeroes_exactly_the_range(string disk, string command)
    {
        using var file = new TemporaryFile();
        await StartTargetAsync("--disk", disk == "file" ? $"file:{file.Path},size=32MiB" : disk);
        LinuxController controller = await ConnectAsync("-i 1");
        string device = await controller.DeviceAsync();
        string result = await Guest.RunAsync(
            $"""
            dev={device}; set -e
            head -c 8388608 /dev/urandom >/tmp/data
            dd if=/tmp/data of=$dev bs=1M oflag=direct status=none
            {command}
            dd if=/dev/zero of=/tmp/data bs=1M seek=1 count=4 conv=notrunc status=none
            dd if=$dev of=/tmp/back bs=1M count=8 iflag=direct status=none
            cmp /tmp/data /tmp/back && echo same
            """);
        Assert.Contains("same", result, StringComparison.Ordinal);
        Say($"{disk}: {command}: 4 MiB read as zeroes, the bytes around are unchanged");
    }

    [SkippableFact]
    public async Task Discarding_a_file_disk_gives_its_space_back()
    {
        using var file = new TemporaryFile();
        await StartTargetAsync("--disk", $"file:{file.Path},size=32MiB");
        LinuxController controller = await ConnectAsync("-i 1");
        string device = await controller.DeviceAsync();
        await Guest.RunAsync($"dd if=/dev/urandom of={device} bs=1M count=16 oflag=direct conv=fsync status=none");
        long full = await file.AllocatedBytesAsync();
        await Guest.RunAsync($"blkdiscard {device}");
        long empty = await file.AllocatedBytesAsync();
        Assert.True(full >= 16 << 20, $"{full}");
        Assert.True(empty < 1 << 20, $"{empty} of {full} bytes are still allocated");
        Say($"file: {full >> 20} MiB allocated before the discard, {empty >> 10} KiB after");
    }

    [SkippableFact]
    public async Task Flush_and_cache()
    {
        using var file = new TemporaryFile();
        await StartTargetAsync("--disk", $"file:{file.Path},size=16MiB");
        LinuxController controller = await ConnectAsync("-i 1");
        string device = await controller.DeviceAsync();
        string name = device["/dev/".Length..];
        Assert.Equal("write back", (await Guest.RunAsync($"cat /sys/block/{name}/queue/write_cache")).Trim());
        Assert.Equal("1", (await Guest.RunAsync($"cat /sys/block/{name}/queue/fua")).Trim());
        Assert.Contains("success", await Guest.RunAsync($"nvme flush {device} -n 1"), StringComparison.OrdinalIgnoreCase);

        // O_DSYNC on a disk with a write cache: the kernel sends FUA.
        await Guest.RunAsync($"dd if=/dev/urandom of={device} bs=4k count=16 oflag=direct,dsync status=none && sync {device}");
        Say("the kernel sees a write-back cache with FUA; nvme flush and FUA writes succeed");
    }

    [SkippableFact]
    public async Task Compare_finds_equal_and_different_blocks()
    {
        string device = await DiskAsync();
        await Guest.RunAsync($"head -c 65536 /dev/urandom >/tmp/a; nvme write {device} -s 64 -c 127 -z 65536 -d /tmp/a");
        await Guest.RunAsync($"nvme compare {device} -s 64 -c 127 -z 65536 -d /tmp/a");
        StepResult different = await Guest.TryAsync(
            $"cp /tmp/a /tmp/b; printf x | dd of=/tmp/b bs=1 seek=65000 conv=notrunc status=none; nvme compare {device} -s 64 -c 127 -z 65536 -d /tmp/b");
        Assert.NotEqual(0, different.ExitCode);
        Assert.Contains("Compare Failure", different.Output.Replace("COMPARE_FAILED", "Compare Failure", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase);
        Say("compare: equal blocks succeed, one different byte of 65536 is a compare failure");
    }

    [SkippableFact]
    public async Task Verify_checks_the_range()
    {
        string device = await DiskAsync();
        await Guest.RunAsync($"nvme verify {device} -s 0 -c 2047");
        StepResult beyond = await Guest.TryAsync($"nvme verify {device} -s 32767 -c 1");
        Assert.NotEqual(0, beyond.ExitCode);
        Assert.Contains("LBA", beyond.Output, StringComparison.OrdinalIgnoreCase);
        Say("verify: 1 MiB succeeds, a range beyond the end does not");
    }

    [SkippableFact]
    public async Task Copy_gathers_its_ranges()
    {
        string device = await DiskAsync();
        string result = await Guest.RunAsync(
            $"""
            set -e
            head -c 131072 /dev/urandom >/tmp/a
            dd if=/tmp/a of={device} bs=64k oflag=direct status=none
            nvme copy {device} --sdlba=1024 --slbs=16,128,0 --blocks=7,63,0
            dd if={device} bs=512 skip=1024 count=73 iflag=direct status=none >/tmp/copied
            dd if=/tmp/a bs=512 skip=16 count=8 status=none >/tmp/wanted
            dd if=/tmp/a bs=512 skip=128 count=64 status=none >>/tmp/wanted
            dd if=/tmp/a bs=512 skip=0 count=1 status=none >>/tmp/wanted
            cmp /tmp/wanted /tmp/copied && echo same
            """);
        Assert.Contains("same", result, StringComparison.Ordinal);
        Say("copy: three ranges (8, 64, 1 blocks) arrived in order");
    }

    [SkippableFact]
    public async Task Write_zeroes_and_deallocate_by_nvme_cli()
    {
        string device = await DiskAsync();
        string result = await Guest.RunAsync(
            $"""
            set -e
            head -c 1048576 /dev/urandom >/tmp/a
            dd if=/tmp/a of={device} bs=256k oflag=direct status=none
            nvme write-zeroes {device} -s 8 -c 7
            nvme write-zeroes {device} -s 32 -c 15 --deac
            nvme dsm {device} --ad --slbs=128,256 --blocks=64,8
            for range in 8,8 32,16 128,64 256,8; do
              dd if=/dev/zero of=/tmp/a bs=512 seek=${"{range%,*}"} count=${"{range#*,}"} conv=notrunc status=none
            done
            dd if={device} of=/tmp/back bs=64k count=16 iflag=direct status=none
            cmp /tmp/a /tmp/back && echo same
            """);
        Assert.Contains("same", result, StringComparison.Ordinal);
        Say("write-zeroes with and without DEAC, dsm deallocate of two ranges: zeroes there, nothing else changed");
    }

    private async Task<string> DiskAsync()
    {
        await StartTargetAsync("--disk", "mem:16MiB");
        LinuxController controller = await ConnectAsync("-i 1");
        return await controller.DeviceAsync();
    }
}
