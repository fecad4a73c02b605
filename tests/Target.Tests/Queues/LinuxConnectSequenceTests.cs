using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Tests.Seam;
using Nvmf.Target.Tests.Support;

namespace Nvmf.Target.Tests.Queues;

/// <summary>What the Linux host (6.1 and 6.12) does from connect to disconnect, in its order, with its checks.</summary>
public class LinuxConnectSequenceTests
{
    [Fact]
    public async Task Linux_connects_scans_and_disconnects()
    {
        await using var target = new TestTarget();
        Namespace ns = target.AddMemory();
        TestHost host = await TestHost.ConnectAsync(target, TestTarget.SubsystemNqn, Commands.HostNqn);
        Assert.Equal(32, host.Admin.Parameters!.Value.QueueSize);

        // nvme_enable_ctrl: disable, CAP, CC, CAP, CRTO, enable, wait.
        var capabilities = new ControllerCapabilities((await host.AdminAsync(new HostRequest(Commands.PropertyGet(PropertyOffset.Capabilities, wide: true)))).Completion.Result);
        Assert.True(capabilities.ContiguousQueuesRequired);
        Assert.True(capabilities.NvmCommandSet);
        Assert.Equal(0, capabilities.MemoryPageSizeMinimum);
        Assert.True(capabilities.Timeout >= 1);
        Assert.Equal(127, capabilities.MaxQueueEntries);
        Assert.True(capabilities.ReadyWithMedia);
        Assert.False(capabilities.ReadyIndependentOfMedia);
        Assert.Equal(NvmeStatus.Success, (await host.SetPropertyAsync(PropertyOffset.Configuration, 0x0046_0000)).Status);
        Assert.Equal(0x0046_0000u, (await host.AdminAsync(new HostRequest(Commands.PropertyGet(PropertyOffset.Configuration)))).Completion.Dword0);
        var timeouts = new ControllerReadyTimeouts((await host.AdminAsync(new HostRequest(Commands.PropertyGet(PropertyOffset.ReadyTimeouts)))).Completion.Dword0);
        Assert.True(timeouts.WithMedia >= capabilities.Timeout);
        Assert.Equal(0u, await host.GetStatusAsync());
        await host.EnableAsync();
        uint version = (await host.AdminAsync(new HostRequest(Commands.PropertyGet(PropertyOffset.Version)))).Completion.Dword0;

        var identify = WireStructure.Read<IdentifyController>((await host.SucceedAsync(Commands.Identify(IdentifyCns.Controller))).Data);
        AssertController(identify, host, version);
        await AssertLogsAsync(host, identify);
        Assert.Equal(NvmeStatus.Success, (await host.AdminAsync(Commands.SetFeatures(FeatureIdentifier.Timestamp, 0, new byte[8]))).Status);
        Answer queues = await host.SucceedAsync(Commands.SetFeatures(FeatureIdentifier.NumberOfQueues, 0x0003_0003));
        Assert.Equal(0x0003_0003u, queues.Completion.Dword0);
        FakeQueuePair io = await host.ConnectIoAsync(1);
        FakeQueuePair io4 = await host.ConnectIoAsync(4);
        Assert.Equal(128, io.Parameters!.Value.QueueSize);
        await host.SucceedAsync(new HostRequest(Commands.Admin(AdminOpcode.KeepAlive)));
        await host.SucceedAsync(Commands.SetFeatures(FeatureIdentifier.AsynchronousEventConfiguration, (uint)identify.SupportedAsynchronousEvents));
        HostRequest aer = host.Send(host.Admin, new HostRequest(Commands.Admin(AdminOpcode.AsynchronousEventRequest)));

        await AssertScanAsync(host, ns);
        byte[] data = Random.Shared.GetItems<byte>([1, 2, 3], 4096);
        Assert.Equal(NvmeStatus.Success, (await host.IoAsync(io, Commands.Write(8, data))).Status);
        Assert.Equal(data, (await host.IoAsync(io4, Commands.Read(8, 8))).Data);

        Assert.False(aer.IsAnswered);
        await host.SetPropertyAsync(PropertyOffset.Configuration, 0x0046_4001);
        await TestTimeouts.UntilAsync(() => host.GetStatusAsync().Result == 9, "SHST = 10b");
        await io.Closed;
        await host.CloseAsync();
        Assert.Equal(AnswerEnding.Dropped, (await aer.AnswerAsync()).Ending);
        Assert.Empty(target.Subsystem.Controllers);
    }

    private static void AssertController(in IdentifyController identify, TestHost host, uint version)
    {
        Assert.Equal(host.ControllerId, identify.ControllerId);
        Assert.NotEqual(0, identify.ControllerId);
        Assert.Equal(version, identify.Version);
        Assert.Equal(ControllerType.InputOutput, identify.ControllerType);
        Assert.NotEqual(0, identify.KeepAliveGranularity);
        Assert.Equal((64u + 8192) / 16, identify.IoQueueCommandCapsuleSize);
        Assert.Equal(1u, identify.IoQueueResponseCapsuleSize);
        Assert.Equal(0, identify.InCapsuleDataOffset);
        Assert.Equal(1u, (uint)identify.SglSupport & 3);
        Assert.True(identify.MaxOutstandingCommands >= 128);
        Assert.Equal(0x66, identify.SubmissionQueueEntrySize);
        Assert.Equal(0x44, identify.CompletionQueueEntrySize);
        Assert.Equal(8, identify.MaxDataTransferSize);
        Assert.Equal(TestTarget.SubsystemNqn, identify.SubsystemNqn.ToString());
        Assert.InRange(identify.MaxAllowedNamespaces, 1u, identify.Namespaces);
        Assert.True(identify.MultipathCapabilities.HasFlag(ControllerMultipathCapabilities.MultipleControllers));

        // Linux: the whole ANA log must fit into one transfer.
        Assert.True(16 + identify.AnaGroups * 32 + identify.MaxAllowedNamespaces * 4 <= 4096u << identify.MaxDataTransferSize);
        Assert.Equal(20, identify.SerialNumber.ToString().Length);
    }

    private static async Task AssertLogsAsync(TestHost host, IdentifyController identify)
    {
        byte[] effects = (await host.SucceedAsync(Commands.GetLog(LogPageIdentifier.CommandsSupportedAndEffects, 4096))).Data;
        var table = WireStructure.Read<CommandsSupportedAndEffects>(effects);
        Assert.True(table.InputOutput[(int)InputOutputOpcode.Write].HasFlag(CommandEffects.Supported | CommandEffects.LogicalBlockContentChange));
        byte[] ana = (await host.SucceedAsync(Commands.GetLog(LogPageIdentifier.AsymmetricNamespaceAccess, 16 + identify.AnaGroups * 32 + identify.MaxAllowedNamespaces * 4))).Data;
        var group = WireStructure.Read<AnaGroupDescriptor>(ana.AsSpan(16));
        Assert.Equal(1u, group.GroupId);
        Assert.Equal(1u, group.NamespaceIds);
        Assert.Equal(AnaState.Optimized, group.State);
        await host.SucceedAsync(Commands.GetLog(LogPageIdentifier.SmartHealthInformation, 512));
    }

    private static async Task AssertScanAsync(TestHost host, Namespace ns)
    {
        await host.SucceedAsync(Commands.Identify(IdentifyCns.CommandSetController));
        byte[] list = (await host.SucceedAsync(Commands.Identify(IdentifyCns.ActiveNamespaceList))).Data;
        Assert.Equal(1u, BitConverter.ToUInt32(list));
        Assert.Equal(0u, BitConverter.ToUInt32(list, 4));
        ReadOnlySpan<byte> descriptors = (await host.SucceedAsync(Commands.Identify(IdentifyCns.NamespaceIdentificationDescriptors, 1))).Data;
        Assert.True(NamespaceIdentificationDescriptor.TryRead(ref descriptors, out NamespaceIdentificationDescriptor first));
        Assert.Equal(NamespaceIdentifierType.Uuid, first.Type);
        Assert.Equal(ns.Uuid, new Guid(first.Identifier, bigEndian: true));
        var page = WireStructure.Read<IdentifyNamespace>((await host.SucceedAsync(Commands.Identify(IdentifyCns.Namespace, 1))).Data);
        Assert.Equal(8192ul, page.NamespaceSize);
        Assert.Equal(9, page.LbaFormat0.DataSize);
        Assert.Equal(1, page.MultipathCapabilities);
        Assert.Equal(1u, page.AnaGroupId);
        Assert.Equal(ns.Nguid, page.Nguid.ToGuid());
        var independent = WireStructure.Read<IdentifyIndependentNamespace>((await host.SucceedAsync(Commands.Identify(IdentifyCns.IndependentNamespace, 1))).Data);
        Assert.Equal(1, independent.Status);
    }
}
