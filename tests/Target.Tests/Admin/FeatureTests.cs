using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Namespaces;
using Nvmf.Target.Tests.Seam;
using Nvmf.Target.Tests.Support;

namespace Nvmf.Target.Tests.Admin;

public class FeatureTests
{
    private static readonly NvmeStatus Invalid = NvmeStatus.InvalidField.WithDoNotRetry();

    [Theory]
    [InlineData(FeatureIdentifier.Arbitration, 0u, 0x07u, 0x0403_0202u)]
    [InlineData(FeatureIdentifier.PowerManagement, 0u, 0u, 0x20u)]
    [InlineData(FeatureIdentifier.TemperatureThreshold, 0u, 0xFFFFu, 0x0150u)]
    [InlineData(FeatureIdentifier.TemperatureThreshold, 0x10_0000u, 0u, 0x10_0111u)]
    [InlineData(FeatureIdentifier.ErrorRecovery, 0u, 0u, 77u)]
    [InlineData(FeatureIdentifier.VolatileWriteCache, 0u, 1u, 0u)]
    [InlineData(FeatureIdentifier.WriteAtomicity, 0u, 0u, 1u)]
    [InlineData(FeatureIdentifier.AsynchronousEventConfiguration, 0u, 0u, 0x100u)]
    public async Task Features_are_set_and_got_and_reset(FeatureIdentifier feature, uint selector, uint initially, uint set)
    {
        await using var target = new TestTarget();
        TestHost host = await target.ConnectAsync();
        Assert.Equal(initially, await GetAsync(FeatureSelect.Current));
        await host.SucceedAsync(Commands.SetFeatures(feature, set));
        Assert.Equal(set & ~selector, await GetAsync(FeatureSelect.Current));
        Assert.Equal(initially, await GetAsync(FeatureSelect.Default));
        Assert.Equal(initially, await GetAsync(FeatureSelect.Saved));
        Assert.Equal(feature == FeatureIdentifier.ErrorRecovery ? 6u : 4u, await GetAsync(FeatureSelect.SupportedCapabilities));
        Assert.Equal(NvmeStatus.FeatureIdentifierNotSaveable.WithDoNotRetry(), (await host.AdminAsync(Commands.SetFeatures(feature, set, save: true))).Status);
        await host.SetPropertyAsync(PropertyOffset.Configuration, 0x0046_0000);
        await host.EnableAsync();
        Assert.Equal(initially, await GetAsync(FeatureSelect.Current));

        async Task<uint> GetAsync(FeatureSelect select) =>
            (await host.SucceedAsync(Commands.GetFeatures(feature, selector, select: select))).Completion.Dword0;
    }

    [Theory]
    [InlineData(FeatureIdentifier.InterruptCoalescing, 0u, 0u)]
    [InlineData(FeatureIdentifier.InterruptVectorConfiguration, 0u, 0x1_0000u)]
    [InlineData(FeatureIdentifier.InterruptVectorConfiguration, 5u, 0x1_0005u)]
    public async Task Interrupts_can_be_asked_about_and_nothing_more(FeatureIdentifier feature, uint vector, uint expected)
    {
        await using var target = new TestTarget();
        TestHost host = await target.ConnectAsync();
        foreach (FeatureSelect select in new[] { FeatureSelect.Current, FeatureSelect.Default, FeatureSelect.Saved })
        {
            Assert.Equal(expected, (await host.SucceedAsync(Commands.GetFeatures(feature, vector, select: select))).Completion.Dword0);
        }

        Assert.Equal(0u, (await host.SucceedAsync(Commands.GetFeatures(feature, select: FeatureSelect.SupportedCapabilities))).Completion.Dword0);
        Assert.Equal(NvmeStatus.FeatureNotChangeable.WithDoNotRetry(), (await host.AdminAsync(Commands.SetFeatures(feature, expected))).Status);
    }

    [Theory]
    [InlineData(FeatureIdentifier.Arbitration, 0x8u)]
    [InlineData(FeatureIdentifier.PowerManagement, 1u)]
    [InlineData(FeatureIdentifier.TemperatureThreshold, 0x1_0000u)]
    [InlineData(FeatureIdentifier.TemperatureThreshold, 0x20_0000u)]
    [InlineData(FeatureIdentifier.ErrorRecovery, 0x1_0000u)]
    [InlineData(FeatureIdentifier.VolatileWriteCache, 2u)]
    [InlineData(FeatureIdentifier.NumberOfQueues, 0xFFFFu)]
    [InlineData(FeatureIdentifier.NumberOfQueues, 0xFFFF_0000u)]
    public async Task Values_that_cannot_be_are_invalid(FeatureIdentifier feature, uint value)
    {
        await using var target = new TestTarget();
        TestHost host = await target.ConnectAsync();
        Assert.Equal(Invalid, (await host.AdminAsync(Commands.SetFeatures(feature, value))).Status);
    }

    [Fact]
    public async Task Unknown_features_are_invalid()
    {
        await using var target = new TestTarget();
        TestHost host = await target.ConnectAsync();
        byte[] effects = (await host.SucceedAsync(Commands.GetLog(LogPageIdentifier.FeatureIdentifiersSupportedAndEffects, 1024))).Data;
        for (int feature = 0; feature < 256; feature++)
        {
            Answer set = await host.AdminAsync(Commands.SetFeatures((FeatureIdentifier)feature, 0));
            Answer capabilities = await host.AdminAsync(Commands.GetFeatures((FeatureIdentifier)feature, select: FeatureSelect.SupportedCapabilities));
            if ((effects[feature * 4] & 1) == 0)
            {
                Assert.Equal((Invalid, Invalid), (set.Status, capabilities.Status));
            }
            else
            {
                Assert.Equal(NvmeStatus.Success, capabilities.Status);
            }
        }

        Assert.Equal(Invalid, (await host.AdminAsync(Commands.GetFeatures(FeatureIdentifier.Arbitration, select: (FeatureSelect)4))).Status);
        Assert.Equal(Invalid, (await host.AdminAsync(Commands.GetFeatures(FeatureIdentifier.Arbitration, select: (FeatureSelect)7))).Status);
    }

    [Fact]
    public async Task Queues_are_granted_once_and_not_more_than_there_are()
    {
        await using var target = new TestTarget(subsystem: options => options.MaxIoQueues = 8);
        TestHost host = await target.ConnectAsync();
        Assert.Equal(0x0007_0007u, (await host.SucceedAsync(Commands.GetFeatures(FeatureIdentifier.NumberOfQueues))).Completion.Dword0);
        Assert.Equal(0x0007_0007u, (await host.SucceedAsync(Commands.SetFeatures(FeatureIdentifier.NumberOfQueues, 0x03FF_03FF))).Completion.Dword0);
        Assert.Equal(0x0002_0002u, (await host.SucceedAsync(Commands.SetFeatures(FeatureIdentifier.NumberOfQueues, 0x0005_0002))).Completion.Dword0);
        await host.ConnectIoAsync();
        Answer late = await host.AdminAsync(Commands.SetFeatures(FeatureIdentifier.NumberOfQueues, 0x0001_0001));
        Assert.Equal(NvmeStatus.CommandSequenceError.WithDoNotRetry(), late.Status);
    }

    [Fact]
    public async Task The_timestamp_runs()
    {
        await using var target = new TestTarget();
        TestHost host = await target.ConnectAsync(keepAlive: 0);
        var set = new TimestampData { Milliseconds = 0x0123_4567_89AB };
        await host.SucceedAsync(Commands.SetFeatures(FeatureIdentifier.Timestamp, 0, WireStructure.AsBytes(in set).ToArray()));
        target.Advance(TimeSpan.FromSeconds(3));
        var got = WireStructure.Read<TimestampData>((await host.SucceedAsync(Commands.GetFeatures(FeatureIdentifier.Timestamp, length: 8))).Data);
        Assert.Equal(0x0123_4567_89ABul + 3000, got.Milliseconds);
        Assert.Equal(2, got.Attributes);
    }

    [Fact]
    public async Task The_host_identifier_is_Connects()
    {
        await using var target = new TestTarget();
        TestHost host = await target.ConnectAsync();
        Assert.Equal(Commands.HostId, new Guid((await host.SucceedAsync(Commands.GetFeatures(FeatureIdentifier.HostIdentifier, 1, 16))).Data, bigEndian: true));
        Assert.Equal(Invalid, (await host.AdminAsync(Commands.GetFeatures(FeatureIdentifier.HostIdentifier, 0, 16))).Status);
        Answer set = await host.AdminAsync(Commands.SetFeatures(FeatureIdentifier.HostIdentifier, 1, new byte[16]));
        Assert.Equal(NvmeStatus.CommandSequenceError.WithDoNotRetry(), set.Status);
    }

    [Fact]
    public async Task Host_behavior_is_kept()
    {
        await using var target = new TestTarget();
        TestHost host = await target.ConnectAsync();
        var behavior = new byte[512];
        behavior[0] = 1;
        behavior[2] = 1;
        await host.SucceedAsync(Commands.SetFeatures(FeatureIdentifier.HostBehaviorSupport, 0, behavior));
        Assert.Equal(behavior, (await host.SucceedAsync(Commands.GetFeatures(FeatureIdentifier.HostBehaviorSupport, length: 512))).Data);
        behavior[0] = 2;
        Assert.Equal(Invalid, (await host.AdminAsync(Commands.SetFeatures(FeatureIdentifier.HostBehaviorSupport, 0, behavior))).Status);
        Assert.Equal(NvmeStatus.DataSglLengthInvalid, (await host.AdminAsync(Commands.SetFeatures(FeatureIdentifier.HostBehaviorSupport, 0, new byte[8]))).Code);
    }

    [Fact]
    public async Task Namespaces_matter_to_features_of_namespaces_only()
    {
        await using var target = new TestTarget();
        target.AddMemory();
        TestHost host = await target.ConnectAsync();
        Assert.Equal(NvmeStatus.FeatureNotNamespaceSpecific, (await host.AdminAsync(Commands.SetFeatures(FeatureIdentifier.VolatileWriteCache, 1, namespaceId: 1))).Code);
        Assert.Equal(NvmeStatus.InvalidNamespace, (await host.AdminAsync(Commands.SetFeatures(FeatureIdentifier.VolatileWriteCache, 1, namespaceId: 2))).Code);
        await host.SucceedAsync(Commands.SetFeatures(FeatureIdentifier.VolatileWriteCache, 1, namespaceId: 0xFFFF_FFFF));
        await host.SucceedAsync(Commands.SetFeatures(FeatureIdentifier.ErrorRecovery, 5, namespaceId: 1));
        Assert.Equal(5u, (await host.SucceedAsync(Commands.GetFeatures(FeatureIdentifier.ErrorRecovery, namespaceId: 1))).Completion.Dword0);
        Assert.Equal(0u, (await host.SucceedAsync(Commands.GetFeatures(FeatureIdentifier.ErrorRecovery))).Completion.Dword0);
        Assert.Equal(NvmeStatus.InvalidNamespace, (await host.AdminAsync(Commands.GetFeatures(FeatureIdentifier.ErrorRecovery, namespaceId: 2))).Code);
        await host.SucceedAsync(Commands.SetFeatures(FeatureIdentifier.ErrorRecovery, 6, namespaceId: 0xFFFF_FFFF));
        Assert.Equal(6u, (await host.SucceedAsync(Commands.GetFeatures(FeatureIdentifier.ErrorRecovery, namespaceId: 1))).Completion.Dword0);
    }

    [Fact]
    public async Task Without_a_write_cache_writes_are_durable_and_the_cache_is_flushed()
    {
        await using var target = new TestTarget();
        var backend = new GatedBackend();
        target.Subsystem.AddNamespace(new NamespaceOptions(), backend);
        TestHost host = await target.ConnectAsync();
        FakeQueuePair io = await host.ConnectIoAsync();
        await host.IoAsync(io, Commands.Write(0, new byte[512]));
        backend.Hold = true;
        Task<Answer> off = host.AdminAsync(Commands.SetFeatures(FeatureIdentifier.VolatileWriteCache, 0));
        await TestTimeouts.UntilAsync(() => backend.Held == 1, "the flush");
        Assert.False(off.IsCompleted);
        backend.Hold = false;
        backend.Release();
        Assert.True((await off).Status.IsSuccess);
        await host.IoAsync(io, Commands.Write(0, new byte[512]));
        await host.IoAsync(io, new HostRequest(Commands.InputOutput(InputOutputOpcode.WriteZeroes, 0, 1)));
        Assert.Equal(
            [(BackendOperation.Write, false, false), (BackendOperation.Flush, false, false), (BackendOperation.Write, true, false), (BackendOperation.WriteZeroes, true, false)],
            backend.Log);
    }
}
