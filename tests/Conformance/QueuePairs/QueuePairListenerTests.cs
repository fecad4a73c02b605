using System.Net;
using Microsoft.AspNetCore.Connections;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Conformance.Tests.QueuePairs;

/// <summary>The rules of Kestrel's listeners (see <see cref="Connections.ListenerTests"/>) for listeners of queue pairs.</summary>
public class QueuePairListenerTests
{
    [Theory]
    [MemberData(nameof(QueuePairKinds.All), MemberType = typeof(QueuePairKinds))]
    public async Task The_end_point_is_the_bound_one(QueuePairKind kind)
    {
        await using QueuePairTransport transport = await QueuePairTransport.StartAsync(kind);
        EndPoint bound = transport.Listener.EndPoint;
        Assert.IsType(transport.NewEndPoint().GetType(), bound);
        Assert.Equal(transport.Address, QueuePairTransport.IP(bound).Address);
        Assert.NotEqual(0, QueuePairTransport.IP(bound).Port);
        Assert.Equal(QueuePairKinds.IsRdma(kind) ? NvmeTransportType.Rdma : NvmeTransportType.Tcp, transport.Listener.TransportType);
    }

    [Theory]
    [MemberData(nameof(QueuePairKinds.All), MemberType = typeof(QueuePairKinds))]
    public async Task A_transport_takes_its_own_end_points_only(QueuePairKind kind)
    {
        await using QueuePairTransport transport = await QueuePairTransport.StartAsync(kind);
        Assert.Equal(QueuePairKinds.IsRdma(kind), transport.Factory.CanBind(new RdmaEndPoint(IPAddress.Loopback, 1)));
        Assert.Equal(QueuePairKinds.IsRdma(kind), transport.Connector.CanConnect(new RdmaEndPoint(IPAddress.Loopback, 1)));
        Assert.Equal(!QueuePairKinds.IsRdma(kind), transport.Factory.CanBind(new IPEndPoint(IPAddress.Loopback, 1)));
        Assert.Equal(!QueuePairKinds.IsRdma(kind), transport.Connector.CanConnect(new IPEndPoint(IPAddress.Loopback, 1)));
    }

    [Theory]
    [MemberData(nameof(QueuePairKinds.All), MemberType = typeof(QueuePairKinds))]
    public async Task An_address_that_is_taken_is_said_to_be_in_use(QueuePairKind kind)
    {
        await using QueuePairTransport transport = await QueuePairTransport.StartAsync(kind);
        await Assert.ThrowsAsync<AddressInUseException>(() => transport.BindAsync(transport.Listener.EndPoint));
    }

    [Theory]
    [MemberData(nameof(QueuePairKinds.All), MemberType = typeof(QueuePairKinds))]
    public async Task An_address_is_free_again_when_the_listener_is_disposed(QueuePairKind kind)
    {
        await using QueuePairTransport transport = await QueuePairTransport.StartAsync(kind);
        (_, HostQueuePair host, _) = await transport.ConnectAsync();
        await transport.Listener.DisposeAsync().WithinLimit();
        await using IQueuePairListener second = await transport.BindAsync(transport.Listener.EndPoint);
        (_, HostQueuePair newHost, _) = await transport.ConnectAsync(second);
        Assert.Null(await new ProbeCommand(newHost).Submit().Completed);
        Assert.Null(await new ProbeCommand(host).Submit().Completed);
    }

    [Theory]
    [MemberData(nameof(QueuePairKinds.All), MemberType = typeof(QueuePairKinds))]
    public async Task Unbinding_ends_a_waiting_accept_and_every_later_one_with_null(QueuePairKind kind)
    {
        await using QueuePairTransport transport = await QueuePairTransport.StartAsync(kind);
        Task<QueuePair?> waiting = transport.Listener.AcceptAsync().AsTask();
        await transport.Listener.UnbindAsync().WithinLimit();
        Assert.Null(await waiting.WithinLimit());
        Assert.Null(await transport.Listener.AcceptAsync().WithinLimit());
        await transport.Listener.UnbindAsync().WithinLimit();
        await transport.Listener.DisposeAsync().WithinLimit();
        Assert.Null(await transport.Listener.AcceptAsync().WithinLimit());
    }

    [Theory]
    [MemberData(nameof(QueuePairKinds.All), MemberType = typeof(QueuePairKinds))]
    public async Task Unbinding_leaves_queue_pairs_alone_and_refuses_hosts(QueuePairKind kind)
    {
        await using QueuePairTransport transport = await QueuePairTransport.StartAsync(kind);
        (QueuePair target, HostQueuePair host, _) = await transport.ConnectAsync();
        await transport.Listener.UnbindAsync().WithinLimit();
        Assert.Null(await new ProbeCommand(host).Submit().Completed);
        Assert.Equal(QueuePairState.Live, target.Lifecycle.State);
        await Assert.ThrowsAnyAsync<ConnectionAbortedException>(() => transport.BeginConnect(transport.Listener.EndPoint).WithinLimit());
    }

    [Theory]
    [MemberData(nameof(QueuePairKinds.All), MemberType = typeof(QueuePairKinds))]
    public async Task A_cancelled_accept_takes_no_queue_pair_with_it(QueuePairKind kind)
    {
        await using QueuePairTransport transport = await QueuePairTransport.StartAsync(kind);
        using var cancellation = new CancellationTokenSource();
        Task<QueuePair?> waiting = transport.Listener.AcceptAsync(cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WithinLimit());
        (_, HostQueuePair host, _) = await transport.ConnectAsync();
        Assert.Null(await new ProbeCommand(host).Submit().Completed);
    }

    [Theory]
    [MemberData(nameof(QueuePairKinds.All), MemberType = typeof(QueuePairKinds))]
    public async Task A_host_that_is_gone_before_it_was_accepted_disturbs_nobody(QueuePairKind kind)
    {
        const int gone = 3;
        await using QueuePairTransport transport = await QueuePairTransport.StartAsync(kind);
        for (int i = 0; i < gone; i++)
        {
            await ConnectAndLeaveAsync(transport, kind);
        }

        Task accepting = AcceptAllAsync(transport.Listener);
        HostQueuePair host = await transport.BeginConnect(transport.Listener.EndPoint).WithinLimit();
        Assert.Null(await new ProbeCommand(host).Submit().Completed);
        await transport.Listener.UnbindAsync().WithinLimit();
        await accepting.WithinLimit();
    }

    private static async Task AcceptAllAsync(IQueuePairListener listener)
    {
        while (await listener.AcceptAsync() is { } target)
        {
            target.Start(new AnsweringHandler(holds: false));
        }
    }

    private static async Task ConnectAndLeaveAsync(QueuePairTransport transport, QueuePairKind kind)
    {
        using var cancellation = new CancellationTokenSource();
        Task<HostQueuePair> connecting = transport.BeginConnect(transport.Listener.EndPoint, cancellation.Token);
        if (QueuePairKinds.IsRdma(kind))
        {
            HostQueuePair host = await connecting.WithinLimit();
            host.Close(TeardownCause.LocalClose);
            await host.Lifecycle.Completion.WithinLimit();
            return;
        }

        // The handshake of TCP waits for somebody to accept.
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting.WithinLimit());
    }
}
