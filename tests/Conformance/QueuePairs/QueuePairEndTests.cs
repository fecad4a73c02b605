using Microsoft.AspNetCore.Connections;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Conformance.Tests.QueuePairs;

/// <summary>Identity and end of queue pairs: what a connection of Kestrel says with its id, its end points and ConnectionClosed.</summary>
public class QueuePairEndTests
{
    [Theory]
    [MemberData(nameof(QueuePairKinds.All), MemberType = typeof(QueuePairKinds))]
    public async Task Ids_differ_and_end_points_are_those_of_the_connection(QueuePairKind kind)
    {
        await using QueuePairTransport transport = await QueuePairTransport.StartAsync(kind);
        var ids = new HashSet<string>();
        for (int i = 0; i < 3; i++)
        {
            (QueuePair target, HostQueuePair host, _) = await transport.ConnectAsync();
            Assert.True(ids.Add(target.Id), target.Id);
            Assert.Equal(target.Id, target.Lifecycle.Id);
            Assert.Equal(QueuePairTransport.IP(transport.Listener.EndPoint), QueuePairTransport.IP(target.LocalEndPoint));
            Assert.Equal(transport.Address, QueuePairTransport.IP(target.RemoteEndPoint).Address);
            Assert.Equal(QueuePairTransport.IP(transport.Listener.EndPoint), QueuePairTransport.IP(host.RemoteEndPoint));
            Assert.Equal(transport.Listener.TransportType, target.TransportType);
            Assert.Equal(transport.Listener.TransportType, host.TransportType);
        }
    }

    [Theory]
    [MemberData(nameof(QueuePairKinds.All), MemberType = typeof(QueuePairKinds))]
    public async Task A_host_that_leaves_is_told_once_on_the_loop(QueuePairKind kind)
    {
        await using QueuePairTransport transport = await QueuePairTransport.StartAsync(kind);
        (QueuePair target, HostQueuePair host, AnsweringHandler handler) = await transport.ConnectAsync();
        Assert.Null(await new ProbeCommand(host).Submit().Completed);
        host.Close(TeardownCause.LocalClose);
        DrainReport report = await target.Lifecycle.Completion.WithinLimit();
        Assert.Equal(TeardownCause.HostClosed, report.Cause);
        await handler.Closed;
        Assert.Equal(["quiescing HostClosed", "closed HostClosed"], handler.Calls);
        Assert.True(handler.OnLoop);
        Assert.Equal(TeardownCause.LocalClose, (await host.Lifecycle.Completion.WithinLimit()).Cause);
    }

    [Theory]
    [MemberData(nameof(QueuePairKinds.All), MemberType = typeof(QueuePairKinds))]
    public async Task The_first_cause_counts_and_the_host_is_told(QueuePairKind kind)
    {
        await using QueuePairTransport transport = await QueuePairTransport.StartAsync(kind);
        (QueuePair target, HostQueuePair host, AnsweringHandler handler) = await transport.ConnectAsync(holds: true);
        ProbeCommand probe = new ProbeCommand(host).Submit();
        await handler.Arrived.WithinLimit();
        target.Close(TeardownCause.SubsystemRemoved);
        target.Close(TeardownCause.ProcessStop);
        DrainReport report = await target.Lifecycle.Completion.WithinLimit();
        Assert.Equal(TeardownCause.SubsystemRemoved, report.Cause);
        Assert.Equal(QueuePairState.Closed, target.Lifecycle.State);
        await handler.Closed;
        Assert.Equal(["quiescing SubsystemRemoved", "closed SubsystemRemoved"], handler.Calls);
        Assert.NotNull(await probe.Completed);
        await probe.Released;
        await host.Lifecycle.Completion.WithinLimit();
        Assert.IsType<InvalidOperationException>(await new ProbeCommand(host).Submit().Completed);
    }

    [Theory]
    [MemberData(nameof(QueuePairKinds.All), MemberType = typeof(QueuePairKinds))]
    public async Task An_abort_reaches_both_ends(QueuePairKind kind)
    {
        await using QueuePairTransport transport = await QueuePairTransport.StartAsync(kind);
        (QueuePair target, HostQueuePair host, AnsweringHandler handler) = await transport.ConnectAsync(holds: true);
        ProbeCommand probe = new ProbeCommand(host).Submit();
        await handler.Arrived.WithinLimit();
        target.Lifecycle.Abort();
        target.Lifecycle.Abort();
        DrainReport report = await target.Lifecycle.Completion.WithinLimit();
        Assert.Equal(TeardownCause.ConnectionReset, report.Cause);
        Assert.Equal(QueuePairState.Aborting, report.LastStage);
        await handler.Closed;
        Assert.Equal(["quiescing ConnectionReset", "closed ConnectionReset"], handler.Calls);
        Assert.IsAssignableFrom<IOException>(await probe.Completed);
        await host.Lifecycle.Completion.WithinLimit();
    }

    [Theory]
    [MemberData(nameof(QueuePairKinds.All), MemberType = typeof(QueuePairKinds))]
    public async Task A_queue_pair_nobody_has_started_can_be_closed(QueuePairKind kind)
    {
        await using QueuePairTransport transport = await QueuePairTransport.StartAsync(kind);
        Task<HostQueuePair> connecting = transport.BeginConnect(transport.Listener.EndPoint);
        QueuePair? target = await transport.Listener.AcceptAsync().WithinLimit();
        Assert.NotNull(target);
        target.Close(TeardownCause.ListenerRemoved);
        Assert.Equal(TeardownCause.ListenerRemoved, (await target.Lifecycle.Completion.WithinLimit()).Cause);
        try
        {
            HostQueuePair host = await connecting.WithinLimit();
            await host.Lifecycle.Completion.WithinLimit();
        }
        catch (Exception exception) when (exception is ConnectionAbortedException or ConnectionResetException)
        {
            // Over TCP the host's handshake was not answered.
        }
    }

    [Theory]
    [MemberData(nameof(QueuePairKinds.All), MemberType = typeof(QueuePairKinds))]
    public async Task A_host_that_comes_again_finds_a_new_queue_pair(QueuePairKind kind)
    {
        await using QueuePairTransport transport = await QueuePairTransport.StartAsync(kind);
        for (int i = 0; i < 5; i++)
        {
            (QueuePair target, HostQueuePair host, _) = await transport.ConnectAsync();
            Assert.Null(await new ProbeCommand(host).Submit().Completed);
            if (i % 2 == 0)
            {
                target.Lifecycle.Abort();
            }
            else
            {
                host.Close(TeardownCause.LocalClose);
            }

            await Task.WhenAll(target.Lifecycle.Completion, host.Lifecycle.Completion).WithinLimit();
        }
    }
}
