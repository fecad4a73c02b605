using Nvmf.Interop.Lab;
using Xunit.Abstractions;

namespace Nvmf.Interop.Tests;

public sealed class FileSystemTests(LabFixture lab, ITestOutputHelper output) : LabTest(lab, output)
{
    [SkippableTheory]
    [InlineData("-i 2")]
    [InlineData("-i 2 -g -G")]
    public async Task Ext4_keeps_its_files(string options)
    {
        using var file = new TemporaryFile();
        await StartTargetAsync("--disk", $"file:{file.Path},size=128MiB");
        LinuxController controller = await ConnectAsync(options);
        string sums = await Ext4.MakeAsync(Guest, await controller.DeviceAsync());
        await controller.DisconnectAsync();
        controller = await ConnectAsync(options);
        Say($"{options}: {await Ext4.CheckAsync(Guest, await controller.DeviceAsync(), sums)}");
    }
}
