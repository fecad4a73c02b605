using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Nvmf.Initiator;
using Nvmf.Transport.Rdma;

namespace Nvmf.Hosting.Tests;

public class GenericHostTests
{
    [Fact]
    public async Task A_host_serves_what_its_options_say()
    {
        await using TestTarget target = await TestTarget.StartAsync(o => o
            .Listen("tcp://127.0.0.1:0")
            .AddSubsystem(TestTarget.Nqn, s => s.AddNamespace("mem:16MiB").AddNamespace("null:1GiB,block=4096")));
        await using var initiator = new TestInitiator();

        NvmeController controller = await initiator.ConnectAsync(target.Address, TestTarget.Nqn);
        Assert.Equal([1, 2], await controller.GetActiveNamespacesAsync());
        NvmeNamespace disk = await controller.OpenNamespaceAsync(1);
        Assert.Equal((512, (ulong)(16 << 20) / 512), (disk.BlockSize, disk.BlockCount));
        byte[] written = new byte[64 << 10];
        Random.Shared.NextBytes(written);
        await disk.WriteAsync(8, written);
        byte[] read = new byte[written.Length];
        await disk.ReadAsync(8, read);
        Assert.Equal(written, read);

        Assert.Equal(2, target.Control.Listeners[0].QueuePairs);
        Assert.Equal([0, 1], target.Control.QueuePairs.Select(q => (int)q.QueueId!.Value).Order());
        NvmeSubsystemInfo subsystem = Assert.Single(target.Control.Subsystems);
        Assert.Equal((TestTarget.Nqn, true), (subsystem.Nqn, subsystem.AllowAnyHost));
        Assert.Equal(["mem:16MiB", "null:1GiB,block=4096"], subsystem.Namespaces.Select(n => n.Disk));
        Assert.Equal([16L << 20, 1L << 30], subsystem.Namespaces.Select(n => n.SizeInBytes));
    }

    [Fact]
    public async Task Discovery_lists_the_bound_port()
    {
        await using TestTarget target = await TestTarget.StartAsync();
        await using var initiator = new TestInitiator();

        NvmeDiscoveryLog log = await initiator.DiscoverAsync(target.Address);

        var entry = Assert.Single(log.Entries, e => e.SubsystemNqn.ToString() == TestTarget.Nqn);
        Assert.Equal(target.Address.Port.ToString(System.Globalization.CultureInfo.InvariantCulture), entry.TransportServiceId.ToString());
        Assert.Equal("127.0.0.1", entry.TransportAddress.ToString());
    }

    [Fact]
    public async Task Discovery_refers_hosts_to_the_configured_controllers()
    {
        await using TestTarget target = await TestTarget.StartAsync(o => o.Listen("tcp://127.0.0.1:0").AddReferral("tcp://192.0.2.7:8009"));
        await using var initiator = new TestInitiator();

        NvmeDiscoveryLog log = await initiator.DiscoverAsync(target.Address);

        var entry = Assert.Single(log.Entries, e => e.Subtype == Nvmf.Abstractions.Fabrics.DiscoverySubtype.Referral);
        Assert.Equal(("192.0.2.7", "8009"), (entry.TransportAddress.ToString(), entry.TransportServiceId.ToString()));
    }

    [SkippableFact]
    public async Task Two_listeners_on_two_address_families_serve_one_target()
    {
        Skip.IfNot(Socket.OSSupportsIPv6, "IPv6 is missing");
        await using TestTarget target = await TestTarget.StartAsync(o => o
            .Listen("tcp://127.0.0.1:0").Listen("tcp://[::1]:0").AddSubsystem(TestTarget.Nqn, s => s.AddNamespace("mem:1MiB")));
        await using var initiator = new TestInitiator();

        foreach (NvmeListenerInfo listener in target.Control.Listeners)
        {
            await initiator.ConnectAsync(listener.Address, TestTarget.Nqn);
        }

        Assert.Equal([2, 2], target.Control.Listeners.Select(l => l.QueuePairs));
    }

    [Fact]
    public async Task A_busy_port_fails_the_start_with_one_sentence_and_leaves_nothing_open()
    {
        using var squatter = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        squatter.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        squatter.Listen();
        int busy = ((IPEndPoint)squatter.LocalEndPoint!).Port;
        int free = FreePort();

        var error = await Assert.ThrowsAsync<NvmeTargetException>(() => TestTarget.StartAsync(o => o
            .Listen($"tcp://127.0.0.1:{free}").Listen($"tcp://127.0.0.1:{busy}")));

        Assert.Equal(NvmeTargetError.Conflict, error.Error);
        Assert.Equal($"Cannot listen on tcp://127.0.0.1:{busy}: the port is in use.", error.Message);
        using var again = new TcpListener(IPAddress.Loopback, free);
        again.Start();
    }

    [Theory]
    [InlineData("tcp://192.0.2.1:4420", "Cannot listen on tcp://192.0.2.1:4420: 192.0.2.1 is not an address of this machine.")]
    [InlineData("tcp://no-such-host.invalid:4420", "Cannot listen on tcp://no-such-host.invalid:4420: the host name 'no-such-host.invalid' cannot be resolved.")]
    public async Task An_address_that_cannot_be_had_fails_the_start_with_one_sentence(string address, string sentence)
    {
        var error = await Assert.ThrowsAsync<NvmeTargetException>(() => TestTarget.StartAsync(o => o.Listen(address)));
        Assert.Equal((NvmeTargetError.Unavailable, sentence), (error.Error, error.Message));
    }

    [SkippableFact]
    public async Task Without_rdma_an_rdma_address_fails_the_start_with_the_reason()
    {
        string? reason = RdmaQueuePairListenerFactory.NotSupportedReason;
        Skip.If(reason is null, "RDMA can be used here.");
        var error = await Assert.ThrowsAsync<NvmeTargetException>(() => TestTarget.StartAsync(o => o
            .Listen("tcp://127.0.0.1:0").Listen("rdma://127.0.0.1:4420")));
        Assert.Equal((NvmeTargetError.Unavailable, $"Cannot listen on rdma://127.0.0.1:4420: {reason!.TrimEnd('.')}."), (error.Error, error.Message));
    }

    [Fact]
    public async Task A_missing_file_fails_the_start_with_one_sentence()
    {
        string path = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N"), "disk.img");
        var error = await Assert.ThrowsAsync<NvmeTargetException>(() => TestTarget.StartAsync(o => o
            .AddSubsystem(TestTarget.Nqn, s => s.AddNamespace($"file:{path}"))));
        Assert.Equal(NvmeTargetError.Unavailable, error.Error);
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public async Task The_stop_drains_with_commands_in_flight_and_the_host_learns_why()
    {
        TestTarget target = await TestTarget.StartAsync(o => o
            .Listen("tcp://127.0.0.1:0").AddSubsystem(TestTarget.Nqn, s => s.AddNamespace("mem:16MiB,delay=50ms")));
        await using var initiator = new TestInitiator();
        NvmeController controller = await initiator.ConnectAsync(target.Address, TestTarget.Nqn);
        NvmeNamespace disk = await controller.OpenNamespaceAsync(1);
        Task[] writes = [.. Enumerable.Range(0, 16).Select(i => disk.WriteAsync((ulong)i * 8, new byte[4096]).AsTask())];

        await target.DisposeAsync();

        // Every command got an answer: its own, or the end of its queue pair.
        await Task.WhenAll(writes).WaitAsync(Wait.Deadline).ContinueWith(_ => { }, TaskScheduler.Default);
        Assert.All(writes, w => Assert.True(w.IsCompleted));
        await controller.Ended.WaitAsync(Wait.Deadline);
    }

    [Fact]
    public async Task A_file_disk_is_the_same_device_after_a_restart()
    {
        string path = Path.Combine(Path.GetTempPath(), $"nvmf-{Guid.NewGuid():N}.img");
        try
        {
            var uuids = new List<Guid>();
            for (int i = 0; i < 2; i++)
            {
                await using TestTarget target = await TestTarget.StartAsync(o => o
                    .AddSubsystem(TestTarget.Nqn, s => s.AddNamespace($"file:{path},size=1MiB")));
                uuids.Add(target.Control.Subsystems[0].Namespaces[0].Uuid);
            }

            Assert.Equal(uuids[0], uuids[1]);
            Assert.Equal(8, uuids[0].Version);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task A_back_end_made_in_code_is_served_and_disposed()
    {
        var backend = new Nvmf.Target.Namespaces.NullBackend(1 << 20);
        await using TestTarget target = await TestTarget.StartAsync(o => o
            .AddSubsystem(TestTarget.Nqn, s => s.AddNamespace(_ => backend)));

        Assert.Equal(1 << 20, target.Control.Subsystems[0].Namespaces[0].SizeInBytes);
        Assert.Same(backend, target.Control.Target.Subsystems.Single().Namespaces[0].Backend);
    }

    [Fact]
    public async Task A_host_that_knows_no_stages_of_a_start_has_its_disks_all_the_same()
    {
        ServiceCollection services = new();
        services.AddNvmeTransport(o => o.Listen("tcp://127.0.0.1:0").AddSubsystem(TestTarget.Nqn, s => s.AddNamespace("mem:1MiB")));
        await using ServiceProvider provider = services.BuildServiceProvider();
        IHostedService service = provider.GetServices<IHostedService>().Single();

        // As the hosts before IHostedLifecycleService do.
        await service.StartAsync(default);

        Assert.Single(Assert.Single(provider.GetRequiredService<INvmeTargetControl>().Subsystems).Namespaces);
        await service.StopAsync(default);
    }

    [Fact]
    public async Task Numbered_namespaces_keep_their_numbers_and_others_fill_the_gaps()
    {
        await using TestTarget target = await TestTarget.StartAsync(o => o.AddSubsystem(TestTarget.Nqn, s =>
        {
            s.AddNamespace("mem:1MiB");
            s.Namespaces.Add(new NvmeNamespaceOptions { Disk = "mem:2MiB", Nsid = 1 });
        }));

        Assert.Equal(["mem:2MiB", "mem:1MiB"], target.Control.Subsystems[0].Namespaces.Select(n => n.Disk));
    }

    internal static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
