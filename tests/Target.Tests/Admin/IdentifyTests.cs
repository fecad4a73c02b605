using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Namespaces;
using Nvmf.Target.Tests.Seam;
using Nvmf.Target.Tests.Support;

namespace Nvmf.Target.Tests.Admin;

public class IdentifyTests
{
    [Theory]
    [InlineData(IdentifyCns.Namespace, 0u)]
    [InlineData(IdentifyCns.Namespace, 1025u)]
    [InlineData(IdentifyCns.Namespace, 0xFFFF_FFFEu)]
    [InlineData(IdentifyCns.Namespace, 0xFFFF_FFFFu)]
    [InlineData(IdentifyCns.IndependentNamespace, 0u)]
    [InlineData(IdentifyCns.IndependentNamespace, 0xFFFF_FFFFu)]
    [InlineData(IdentifyCns.CommandSetNamespace, 0u)]
    [InlineData(IdentifyCns.CommandSetNamespace, 0xFFFF_FFFFu)]
    [InlineData(IdentifyCns.NamespaceIdentificationDescriptors, 0u)]
    [InlineData(IdentifyCns.NamespaceIdentificationDescriptors, 2u)]
    [InlineData(IdentifyCns.NamespaceIdentificationDescriptors, 0xFFFF_FFFFu)]
    [InlineData(IdentifyCns.ActiveNamespaceList, 0xFFFF_FFFFu)]
    [InlineData(IdentifyCns.ActiveNamespaceList, 0xFFFF_FFFEu)]
    public async Task Wrong_namespaces_are_invalid(IdentifyCns cns, uint namespaceId)
    {
        await using var target = new TestTarget();
        target.AddMemory();
        TestHost host = await target.ConnectAsync();
        Assert.Equal(NvmeStatus.InvalidNamespace.WithDoNotRetry(), (await host.AdminAsync(Commands.Identify(cns, namespaceId))).Status);
    }

    [Theory]
    [InlineData(IdentifyCns.Namespace)]
    [InlineData(IdentifyCns.IndependentNamespace)]
    [InlineData(IdentifyCns.CommandSetNamespace)]
    public async Task Inactive_namespaces_are_zeroes(IdentifyCns cns)
    {
        await using var target = new TestTarget();
        TestHost host = await target.ConnectAsync();
        Assert.All((await host.SucceedAsync(Commands.Identify(cns, 5))).Data, value => Assert.Equal(0, value));
    }

    [Fact]
    public async Task Unknown_structures_are_invalid()
    {
        await using var target = new TestTarget();
        TestHost host = await target.ConnectAsync();
        IdentifyCns[] known =
        [
            IdentifyCns.Namespace, IdentifyCns.Controller, IdentifyCns.ActiveNamespaceList, IdentifyCns.NamespaceIdentificationDescriptors, IdentifyCns.CommandSetNamespace,
            IdentifyCns.CommandSetController, IdentifyCns.CommandSetActiveNamespaceList, IdentifyCns.IndependentNamespace, IdentifyCns.ControllerList,
        ];
        for (int cns = 0; cns < 256; cns++)
        {
            Answer answer = await host.AdminAsync(Commands.Identify((IdentifyCns)cns, 1));
            if (known.Contains((IdentifyCns)cns))
            {
                Assert.NotEqual(NvmeStatus.InvalidField, answer.Code);
            }
            else
            {
                Assert.Equal(NvmeStatus.InvalidField.WithDoNotRetry(), answer.Status);
            }
        }
    }

    [Theory]
    [InlineData(IdentifyCns.CommandSetNamespace)]
    [InlineData(IdentifyCns.CommandSetController)]
    [InlineData(IdentifyCns.CommandSetActiveNamespaceList)]
    public async Task There_is_one_command_set(IdentifyCns cns)
    {
        await using var target = new TestTarget();
        TestHost host = await target.ConnectAsync();
        Assert.Equal(NvmeStatus.InvalidField.WithDoNotRetry(), (await host.AdminAsync(Commands.Identify(cns, 1, commandSet: 2))).Status);
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(4092u)]
    [InlineData(8192u)]
    public async Task A_page_has_4096_bytes(uint length)
    {
        await using var target = new TestTarget();
        TestHost host = await target.ConnectAsync();
        HostRequest identify = Commands.Identify(IdentifyCns.Controller);
        var request = new HostRequest(identify.Entry) { DataLength = length };
        Assert.Equal(NvmeStatus.DataSglLengthInvalid.WithDoNotRetry(), (await host.AdminAsync(request)).Status);
    }

    [Fact]
    public async Task The_active_list_begins_behind_the_identifier()
    {
        await using var target = new TestTarget();
        foreach (uint id in new uint[] { 9, 2, 1024 })
        {
            target.Subsystem.AddNamespace(new NamespaceOptions { NamespaceId = id }, new NullBackend(1 << 20, 4096));
        }

        TestHost host = await target.ConnectAsync();
        Assert.Equal(new uint[] { 2, 9, 1024, 0 }, await ListAsync(0));
        Assert.Equal(new uint[] { 9, 1024, 0, 0 }, await ListAsync(2));
        Assert.Equal(new uint[] { 1024, 0, 0, 0 }, await ListAsync(9));
        Assert.Equal(new uint[] { 0, 0, 0, 0 }, await ListAsync(1024));

        async Task<uint[]> ListAsync(uint after)
        {
            byte[] page = (await host.SucceedAsync(Commands.Identify(IdentifyCns.ActiveNamespaceList, after))).Data;
            return [.. Enumerable.Range(0, 4).Select(i => BitConverter.ToUInt32(page, i * 4))];
        }
    }

    [Fact]
    public async Task The_controller_list_has_every_controller()
    {
        await using var target = new TestTarget();
        TestHost first = await target.ConnectAsync();
        TestHost second = await target.ConnectAsync();
        byte[] all = (await first.SucceedAsync(Commands.Identify(IdentifyCns.ControllerList))).Data;
        Assert.Equal(2, BitConverter.ToUInt16(all));
        Assert.Equal(first.ControllerId, BitConverter.ToUInt16(all, 2));
        byte[] rest = (await first.SucceedAsync(Commands.Identify(IdentifyCns.ControllerList, controllerId: second.ControllerId))).Data;
        Assert.Equal(1, BitConverter.ToUInt16(rest));
        Assert.Equal(second.ControllerId, BitConverter.ToUInt16(rest, 2));
    }

    [Fact]
    public async Task A_namespace_tells_its_geometry()
    {
        await using var target = new TestTarget(subsystem: options => options.AnaReporting = false);
        target.AddMemory(8 << 20, 4096);
        TestHost host = await target.ConnectAsync();
        var page = WireStructure.Read<IdentifyNamespace>((await host.SucceedAsync(Commands.Identify(IdentifyCns.Namespace, 1))).Data);
        Assert.Equal((2048ul, 2048ul, 2048ul), (page.NamespaceSize, page.NamespaceCapacity, page.NamespaceUtilization));
        Assert.Equal(12, page.LbaFormat0.DataSize);
        Assert.Equal(0x09, page.DeallocateFeatures);
        Assert.Equal(0u, page.AnaGroupId);
        Assert.Equal(4096, page.MaxSingleSourceRangeLength);
        Assert.Equal(16384u, page.MaxCopyLength);
        Assert.Equal(127, page.MaxSourceRangeCount);
        var controller = WireStructure.Read<IdentifyController>((await host.SucceedAsync(Commands.Identify(IdentifyCns.Controller))).Data);
        Assert.False(controller.MultipathCapabilities.HasFlag(ControllerMultipathCapabilities.AsymmetricNamespaceAccess));
        Assert.Equal(AsynchronousEvents.NamespaceAttribute, controller.SupportedAsynchronousEvents);
        Assert.Equal(0u, controller.AnaGroups);
    }

    [Fact]
    public async Task What_is_not_announced_is_an_invalid_opcode()
    {
        await using var target = new TestTarget();
        TestHost host = await target.ConnectAsync();
        AdminOpcode[] known =
        [
            AdminOpcode.GetLogPage, AdminOpcode.Identify, AdminOpcode.Abort, AdminOpcode.SetFeatures, AdminOpcode.GetFeatures,
            AdminOpcode.AsynchronousEventRequest, AdminOpcode.KeepAlive, AdminOpcode.CrossControllerReset, AdminOpcode.Fabrics,
        ];
        for (int opcode = 0; opcode < 256; opcode++)
        {
            if (!known.Contains((AdminOpcode)opcode))
            {
                Assert.Equal(NvmeStatus.InvalidOpcode.WithDoNotRetry(), (await host.AdminAsync(new HostRequest(Commands.Admin((AdminOpcode)opcode)))).Status);
            }
        }
    }
}
