using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Abstractions.Tests.Fabrics;

public class PropertyTests
{
    [Fact]
    public void Capabilities_bits()
    {
        Assert.Equal(0x7FUL, new ControllerCapabilities { MaxQueueEntries = 127 }.Value);
        Assert.Equal(1UL << 16, new ControllerCapabilities { ContiguousQueuesRequired = true }.Value);
        Assert.Equal(30UL << 24, new ControllerCapabilities { Timeout = 30 }.Value);
        Assert.Equal(1UL << 36, new ControllerCapabilities { SubsystemResetSupported = true }.Value);
        Assert.Equal(1UL << 37, new ControllerCapabilities { NvmCommandSet = true }.Value);
        Assert.Equal(1UL << 43, new ControllerCapabilities { OtherCommandSets = true }.Value);
        Assert.Equal(1UL << 44, new ControllerCapabilities { NoCommandSet = true }.Value);
        Assert.Equal(0xFUL << 48, new ControllerCapabilities { MemoryPageSizeMinimum = 15 }.Value);
        Assert.Equal(0xFUL << 52, new ControllerCapabilities { MemoryPageSizeMaximum = 15 }.Value);
        Assert.Equal(1UL << 59, new ControllerCapabilities { ReadyWithMedia = true }.Value);
        Assert.Equal(1UL << 60, new ControllerCapabilities { ReadyIndependentOfMedia = true }.Value);
    }

    [Fact]
    public void Configuration_as_linux_writes_it()
    {
        // EN, IOSQES 6, IOCQES 4: what hosts set.
        var configuration = new ControllerConfiguration(0x0046_0001);

        Assert.True(configuration.Enable);
        Assert.Equal(6, configuration.SubmissionQueueEntrySize);
        Assert.Equal(4, configuration.CompletionQueueEntrySize);
        Assert.Equal(0, configuration.MemoryPageSize);
        Assert.Equal(ShutdownNotification.None, configuration.ShutdownNotification);
        Assert.Equal(0x0046_4001u, (configuration with { ShutdownNotification = ShutdownNotification.Normal }).Value);
        Assert.Equal(0x0046_0000u, (configuration with { Enable = false }).Value);
        Assert.True(new ControllerConfiguration(1u << 24).ReadyIndependentOfMedia);
    }

    [Fact]
    public void Status_bits()
    {
        Assert.Equal(1u, new ControllerStatus { Ready = true }.Value);
        Assert.Equal(2u, new ControllerStatus { Fatal = true }.Value);
        Assert.Equal(8u, new ControllerStatus { Shutdown = ShutdownStatus.Complete }.Value);
        Assert.Equal(1u << 4, new ControllerStatus { SubsystemResetOccurred = true }.Value);
    }

    [Fact]
    public void Version_and_timeouts()
    {
        Assert.Equal("2.0.0", NvmeVersion.Version20.ToString());
        Assert.Equal(0x0001_0400u, NvmeVersion.Version14.Value);
        Assert.Equal(0x0002_0001u, new ControllerReadyTimeouts { WithMedia = 1, IndependentOfMedia = 2 }.Value);
    }

    [Fact]
    public void Asynchronous_event_dword()
    {
        var result = new AsynchronousEventResult
        {
            Type = AsynchronousEventType.Notice,
            Information = (byte)AsynchronousEventNotice.DiscoveryLogChange,
            LogPage = LogPageIdentifier.Discovery,
        };
        Assert.Equal(0x0070_F002u, result.Value);
    }

    [Fact]
    public void Offsets_are_the_specifications()
    {
        Assert.Equal(0x00u, (uint)PropertyOffset.Capabilities);
        Assert.Equal(0x08u, (uint)PropertyOffset.Version);
        Assert.Equal(0x14u, (uint)PropertyOffset.Configuration);
        Assert.Equal(0x1Cu, (uint)PropertyOffset.Status);
        Assert.Equal(0x20u, (uint)PropertyOffset.SubsystemReset);
        Assert.Equal(0x68u, (uint)PropertyOffset.ReadyTimeouts);
    }
}
