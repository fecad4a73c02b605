using System.Net;
using System.Net.Sockets;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Tests.Seam;
using Nvmf.Target.Tests.Support;

namespace Nvmf.Target.Tests.Discovery;

public class DiscoveryTests
{
    [Fact]
    public async Task The_log_lists_every_subsystem_on_every_port()
    {
        await using var target = new TestTarget();
        target.Target.AddSubsystem(new SubsystemOptions { Nqn = "nqn.2025-06.test:second" });
        TargetPort second = target.Target.AddPort(new TargetPortOptions
        {
            TransportType = NvmeTransportType.Rdma,
            AddressFamily = AddressFamily.InterNetworkV6,
            Address = "2001:db8::7",
            ServiceId = "4421",
        });
        TestHost host = await target.ConnectAsync(Nqn.Discovery);
        DiscoveryLogEntry[] entries = await DiscoveryLogReader.ReadAsync(host);
        Assert.Equal(6, entries.Length);
        DiscoveryLogEntry tcp = entries.Single(entry => entry.SubsystemNqn.ToString() == TestTarget.SubsystemNqn && entry.TransportType == FabricsTransportType.Tcp);
        Assert.Equal(FabricsAddressFamily.IPv4, tcp.AddressFamily);
        Assert.Equal(DiscoverySubtype.NvmSubsystem, tcp.Subtype);
        Assert.Equal(target.Port.Id, tcp.PortId);
        Assert.Equal(0xFFFF, tcp.ControllerId);
        Assert.Equal(128, tcp.AdminMaxSubmissionQueueSize);
        Assert.Equal("4420", tcp.TransportServiceId.ToString());
        Assert.Equal("192.0.2.7", tcp.TransportAddress.ToString());
        DiscoveryLogEntry rdma = entries.First(entry => entry.PortId == second.Id && entry.Subtype == DiscoverySubtype.NvmSubsystem);
        Assert.Equal(FabricsTransportType.Rdma, rdma.TransportType);
        Assert.Equal(FabricsAddressFamily.IPv6, rdma.AddressFamily);
        Assert.Equal("2001:db8::7", rdma.TransportAddress.ToString());
        DiscoveryLogEntry[] own = [.. entries.Where(entry => entry.Subtype == DiscoverySubtype.CurrentDiscovery)];
        Assert.Equal(2, own.Length);
        Assert.All(own, entry => Assert.Equal(Nqn.Discovery, entry.SubsystemNqn.ToString()));
    }

    [Fact]
    public async Task The_log_refers_to_other_discovery_controllers_and_hosts_are_told()
    {
        await using var target = new TestTarget();
        TestHost host = await target.ConnectAsync(Nqn.Discovery);
        ulong generation = target.Target.Discovery.Generation;
        var tcp = new TargetReferral(NvmeTransportType.Tcp, IPAddress.Parse("192.0.2.9"), 8009);
        var rdma = new TargetReferral(NvmeTransportType.Rdma, IPAddress.Parse("2001:db8::9"), 4420, "nqn.2025-06.test:discovery");
        Assert.True(target.Target.AddReferral(tcp));
        Assert.False(target.Target.AddReferral(tcp with { }));
        Assert.True(target.Target.AddReferral(rdma));
        Assert.Equal(generation + 2, target.Target.Discovery.Generation);

        DiscoveryLogEntry[] referrals = [.. (await DiscoveryLogReader.ReadAsync(host)).Where(entry => entry.Subtype == DiscoverySubtype.Referral)];
        Assert.Equal(2, referrals.Length);
        Assert.Equal(
            (FabricsTransportType.Tcp, FabricsAddressFamily.IPv4, "192.0.2.9", "8009", Nqn.Discovery),
            (referrals[0].TransportType, referrals[0].AddressFamily, referrals[0].TransportAddress.ToString(), referrals[0].TransportServiceId.ToString(), referrals[0].SubsystemNqn.ToString()));
        Assert.Equal(
            (FabricsTransportType.Rdma, FabricsAddressFamily.IPv6, "2001:db8::9", "nqn.2025-06.test:discovery", 1),
            (referrals[1].TransportType, referrals[1].AddressFamily, referrals[1].TransportAddress.ToString(), referrals[1].SubsystemNqn.ToString(), referrals[1].RdmaQueuePairType));

        Assert.True(target.Target.RemoveReferral(tcp));
        Assert.False(target.Target.RemoveReferral(tcp));
        Assert.Single(await DiscoveryLogReader.ReadAsync(host), entry => entry.Subtype == DiscoverySubtype.Referral);
    }

    [Theory]
    [InlineData(NvmeTransportType.IntraHost, "192.0.2.9", 8009, Nqn.Discovery)]
    [InlineData(NvmeTransportType.Tcp, "0.0.0.0", 8009, Nqn.Discovery)]
    [InlineData(NvmeTransportType.Tcp, "::", 8009, Nqn.Discovery)]
    [InlineData(NvmeTransportType.Tcp, "192.0.2.9", 0, Nqn.Discovery)]
    [InlineData(NvmeTransportType.Tcp, "192.0.2.9", 65536, Nqn.Discovery)]
    [InlineData(NvmeTransportType.Tcp, "192.0.2.9", 8009, "discovery")]
    public async Task A_referral_that_makes_no_sense_is_refused(NvmeTransportType transport, string address, int port, string nqn)
    {
        await using var target = new TestTarget();
        Assert.Throws<ArgumentException>(() => target.Target.AddReferral(new TargetReferral(transport, IPAddress.Parse(address), port, nqn)));
        Assert.Empty(target.Target.Referrals);
    }

    [Theory]
    [InlineData("0.0.0.0", "192.0.2.55", FabricsAddressFamily.IPv4, "192.0.2.55")]
    [InlineData("::", "192.0.2.55", FabricsAddressFamily.IPv4, "192.0.2.55")]
    [InlineData("::", "::ffff:192.0.2.55", FabricsAddressFamily.IPv4, "192.0.2.55")]
    [InlineData("::", "2001:db8::1", FabricsAddressFamily.IPv6, "2001:db8::1")]
    [InlineData("::", "fe80::1%3", FabricsAddressFamily.IPv6, "fe80::1")]
    public async Task A_wildcard_is_told_as_the_address_that_the_host_reached(string bound, string local, FabricsAddressFamily family, string told)
    {
        await using var target = new TestTarget();
        target.Target.RemovePort(target.Port);
        TargetPort port = target.Target.AddPort(TargetPortOptions.FromEndPoint(NvmeTransportType.Tcp, new IPEndPoint(IPAddress.Parse(bound), 4420)));
        FakeQueuePair queue = target.Open(port, configure: pair => pair.Local = new IPEndPoint(IPAddress.Parse(local), 4420));
        await queue.Send(Commands.Connect(Commands.Connect(0), Commands.ConnectData(Nqn.Discovery))).AnswerAsync();
        await queue.Send(new HostRequest(Commands.PropertySet(PropertyOffset.Configuration, TestHost.EnabledConfiguration))).AnswerAsync();
        Answer log = await queue.Send(Commands.GetLog(LogPageIdentifier.Discovery, 3072)).AnswerAsync();
        Assert.Equal(2ul, WireStructure.Read<DiscoveryLogHeader>(log.Data).Records);
        var entry = WireStructure.Read<DiscoveryLogEntry>(log.Data.AsSpan(2048));
        Assert.Equal(family, entry.AddressFamily);
        Assert.Equal(told, entry.TransportAddress.ToString());
    }

    [Fact]
    public async Task A_wildcard_of_another_family_is_not_told()
    {
        await using var target = new TestTarget();
        target.Target.RemovePort(target.Port);
        TargetPort port = target.Target.AddPort(new TargetPortOptions { Address = "0.0.0.0", ServiceId = "4420" });
        FakeQueuePair queue = target.Open(port, configure: pair => pair.Local = new IPEndPoint(IPAddress.IPv6Loopback, 4420));
        await queue.Send(Commands.Connect(Commands.Connect(0), Commands.ConnectData(Nqn.Discovery))).AnswerAsync();
        await queue.Send(new HostRequest(Commands.PropertySet(PropertyOffset.Configuration, TestHost.EnabledConfiguration))).AnswerAsync();
        Answer log = await queue.Send(Commands.GetLog(LogPageIdentifier.Discovery, 1024)).AnswerAsync();
        Assert.Equal(0ul, WireStructure.Read<DiscoveryLogHeader>(log.Data).Records);
    }

    [Fact]
    public async Task A_discovery_controller_is_one()
    {
        await using var target = new TestTarget();
        TestHost host = await target.ConnectAsync(Nqn.Discovery);
        var identify = WireStructure.Read<IdentifyController>((await host.SucceedAsync(Commands.Identify(IdentifyCns.Controller))).Data);
        Assert.Equal(ControllerType.Discovery, identify.ControllerType);
        Assert.Equal(Nqn.Discovery, identify.SubsystemNqn.ToString());
        Assert.Equal(AsynchronousEvents.DiscoveryLogChange, identify.SupportedAsynchronousEvents);
        Assert.Equal(host.ControllerId, identify.ControllerId);
        Assert.Equal(0u, identify.Namespaces);
        Assert.NotEqual(0, identify.MaxOutstandingCommands);
        Assert.NotEqual(0, identify.KeepAliveGranularity);
        foreach (IdentifyCns cns in Enum.GetValues<IdentifyCns>().Where(cns => cns != IdentifyCns.Controller))
        {
            Assert.Equal(NvmeStatus.InvalidField.WithDoNotRetry(), (await host.AdminAsync(Commands.Identify(cns))).Status);
        }

        Assert.Equal(NvmeStatus.InvalidLogPage.WithDoNotRetry(), (await host.AdminAsync(Commands.GetLog(LogPageIdentifier.SmartHealthInformation, 512))).Status);
        Assert.Equal(NvmeStatus.InvalidField.WithDoNotRetry(), (await host.AdminAsync(Commands.SetFeatures(FeatureIdentifier.NumberOfQueues, 0))).Status);
        byte[] pages = (await host.SucceedAsync(Commands.GetLog(LogPageIdentifier.SupportedLogPages, 1024))).Data;
        Assert.Equal(1, pages[0x70 * 4]);
        Assert.Equal(0, pages[0x02 * 4]);

        // What is announced is there: no Commands Supported and Effects.
        Assert.Equal(LogPageAttributes.ExtendedData | LogPageAttributes.SupportedLogPages, identify.LogPageAttributes);
        Assert.Equal(0, pages[0x05 * 4]);
    }

    [Fact]
    public async Task An_io_controller_has_no_discovery_log()
    {
        await using var target = new TestTarget();
        TestHost host = await target.ConnectAsync();
        Assert.Equal(NvmeStatus.InvalidLogPage.WithDoNotRetry(), (await host.AdminAsync(Commands.GetLog(LogPageIdentifier.Discovery, 1024))).Status);
    }

    [Theory]
    [InlineData("", "4420")]
    [InlineData("192.0.2.7", "")]
    [InlineData("2001:db8::7", "4420")]
    [InlineData("192.0.2.7\n", "4420")]
    public async Task Ports_that_make_no_sense_are_refused(string address, string service)
    {
        await using var target = new TestTarget();
        Assert.Throws<ArgumentException>(() => target.Target.AddPort(new TargetPortOptions { Address = address, ServiceId = service }));
    }
}
