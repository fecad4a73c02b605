using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Tests.Seam;
using Nvmf.Target.Tests.Support;

namespace Nvmf.Target.Tests.Queues;

/// <summary>What SPDK's host and its identify and discovery tools send, in their order.</summary>
public class SpdkConnectSequenceTests
{
    [Fact]
    public async Task Spdk_connects_identifies_and_shuts_down()
    {
        await using var target = new TestTarget();
        target.AddMemory();
        TestHost host = await TestHost.ConnectAsync(target, TestTarget.SubsystemNqn, hostNqn: "", keepAlive: 10_000);
        foreach ((PropertyOffset offset, bool wide) in new[] { (PropertyOffset.Version, false), (PropertyOffset.Capabilities, true), (PropertyOffset.Configuration, false), (PropertyOffset.Status, false) })
        {
            await host.SucceedAsync(new HostRequest(Commands.PropertyGet(offset, wide)));
        }

        await host.SetPropertyAsync(PropertyOffset.Configuration, 0x0046_0001);
        Assert.Equal(1u, await host.GetStatusAsync());
        var identify = WireStructure.Read<IdentifyController>((await host.SucceedAsync(Commands.Identify(IdentifyCns.Controller))).Data);
        await host.SucceedAsync(Commands.SetFeatures(FeatureIdentifier.AsynchronousEventConfiguration, 0x11F));
        HostRequest[] events = [.. Enumerable.Range(0, identify.AsynchronousEventRequestLimit + 1)
            .Select(_ => host.Send(host.Admin, new HostRequest(Commands.Admin(AdminOpcode.AsynchronousEventRequest))))];
        Assert.Equal(4, events.Length);
        Assert.Equal(10_000u, (await host.SucceedAsync(Commands.GetFeatures(FeatureIdentifier.KeepAliveTimer))).Completion.Dword0);
        await host.SucceedAsync(Commands.Identify(IdentifyCns.CommandSetController));
        Assert.Equal(0x007F_007Fu, (await host.SucceedAsync(Commands.SetFeatures(FeatureIdentifier.NumberOfQueues, 0x03FF_03FF))).Completion.Dword0);
        await host.SucceedAsync(Commands.Identify(IdentifyCns.ActiveNamespaceList));
        await host.SucceedAsync(Commands.Identify(IdentifyCns.Namespace, 1));
        await host.SucceedAsync(Commands.Identify(IdentifyCns.NamespaceIdentificationDescriptors, 1));
        await host.SucceedAsync(new HostRequest(Commands.Admin(AdminOpcode.KeepAlive)));
        FakeQueuePair io = await host.ConnectIoAsync(1, 127);
        await WriteAndReadAsync(host, io);
        await ReadLogsAndFeaturesAsync(host);

        await host.SetPropertyAsync(PropertyOffset.Configuration, 0x0046_4001);
        await TestTimeouts.UntilAsync(() => host.GetStatusAsync().Result == 9, "SHST = 10b");
        await host.CloseAsync();
        Assert.All(events, request => Assert.Equal(AnswerEnding.Dropped, request.Answer.Result.Ending));
    }

    [Fact]
    public async Task Spdk_discovers()
    {
        await using var target = new TestTarget();
        TestHost host = await target.ConnectAsync(Nqn.Discovery, hostNqn: "", keepAlive: 10_000);
        await host.SucceedAsync(Commands.Identify(IdentifyCns.Controller));
        await host.SucceedAsync(Commands.SetFeatures(FeatureIdentifier.AsynchronousEventConfiguration, 0x8000_0000));
        for (int i = 0; i < 4; i++)
        {
            host.Send(host.Admin, new HostRequest(Commands.Admin(AdminOpcode.AsynchronousEventRequest)));
        }

        await host.SucceedAsync(Commands.GetFeatures(FeatureIdentifier.KeepAliveTimer));
        var header = WireStructure.Read<DiscoveryLogHeader>((await host.SucceedAsync(Commands.GetLog(LogPageIdentifier.Discovery, 1024, namespaceId: 0))).Data);
        Assert.Equal(2ul, header.Records);
        byte[] log = (await host.SucceedAsync(Commands.GetLog(LogPageIdentifier.Discovery, 3072, namespaceId: 0))).Data;
        Assert.Equal(TestTarget.SubsystemNqn, WireStructure.Read<DiscoveryLogEntry>(log.AsSpan(2048)).SubsystemNqn.ToString());
        Answer generation = await host.SucceedAsync(Commands.GetLog(LogPageIdentifier.Discovery, 8, namespaceId: 0));
        Assert.Equal(header.GenerationCounter, BitConverter.ToUInt64(generation.Data));
        await host.SucceedAsync(new HostRequest(Commands.Admin(AdminOpcode.KeepAlive)));
        await host.SetPropertyAsync(PropertyOffset.Configuration, 0x0046_4001);
        Assert.Equal(9u, await host.GetStatusAsync());
    }

    private static async Task WriteAndReadAsync(TestHost host, FakeQueuePair io)
    {
        foreach (int length in new[] { 512, 4096, 8192, 131072 })
        {
            byte[] data = new byte[length];
            new Random(length).NextBytes(data);
            Assert.Equal(NvmeStatus.Success, (await host.IoAsync(io, Commands.Write(16, data, inCapsule: length <= 8192))).Status);
            Assert.Equal(data, (await host.IoAsync(io, Commands.Read(16, (uint)length / 512))).Data);
        }
    }

    private static async Task ReadLogsAndFeaturesAsync(TestHost host)
    {
        await host.SucceedAsync(Commands.GetLog(LogPageIdentifier.ErrorInformation, 8192));
        await host.SucceedAsync(Commands.GetLog(LogPageIdentifier.SmartHealthInformation, 512));
        await host.SucceedAsync(Commands.GetLog(LogPageIdentifier.FirmwareSlotInformation, 512));
        await host.SucceedAsync(Commands.GetLog(LogPageIdentifier.CommandsSupportedAndEffects, 4096));
        foreach (FeatureIdentifier feature in new[]
        {
            FeatureIdentifier.Arbitration, FeatureIdentifier.PowerManagement, FeatureIdentifier.TemperatureThreshold, FeatureIdentifier.ErrorRecovery,
            FeatureIdentifier.NumberOfQueues,
        })
        {
            await host.SucceedAsync(Commands.GetFeatures(feature));
        }
    }
}
