using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.EventLoop;
using Nvmf.Transport.Tcp.Tests.Connections.ZeroCopy;

namespace Nvmf.Transport.Tcp.Tests.Connections;

/// <summary>Shared loops whose owner disposes of them before the transport: everything ends within its deadlines, says why, and no unproven memory is reused.</summary>
public class LoopsEndFirstTests
{
    [Fact]
    public async Task AConnectionEndsAndItsHandlerIsTold()
    {
        await using var host = new TcpTestHost();
        (ConnectionContext connection, Socket peer) = await host.ConnectPairAsync();
        var handler = new RecordingHandler(connection);
        handler.Feature.Attach(handler);
        await handler.OnLoop(() => { });

        host.Loops.Dispose();
        DrainReport report = await handler.Feature.Lifecycle.Completion.WaitAsync(Within.Limit);
        Assert.Equal((TeardownCause.InternalError, DrainStages.None, 0L), (report.Cause, report.PassedDeadlines, report.QuarantinedBytes));
        Assert.IsType<ObjectDisposedException>(report.Error);
        Assert.Equal(report, await handler.Closed);
        Assert.Equal(["Quiescing", "Closed"], handler.Events);
        Assert.True(host.Log.Has(5, "EndedEarly"));
        await AssertResetAsync(peer);
    }

    [Fact]
    public async Task AConnectionThatNobodyAttachedToEndsWhenItIsDisposedOf()
    {
        await using var host = new TcpTestHost();
        (ConnectionContext connection, _) = await host.ConnectPairAsync();
        host.Loops.Dispose();
        await connection.DisposeAsync().AsTask().WaitAsync(Within.Limit);
    }

    [Fact]
    public async Task AHandlerThatComesAfterTheEndIsTold()
    {
        await using var host = new TcpTestHost();
        (ConnectionContext connection, _) = await host.ConnectPairAsync();
        host.Loops.Dispose();
        var handler = new RecordingHandler(connection);
        handler.Feature.Attach(handler);
        DrainReport report = await handler.Closed;
        Assert.Equal(TeardownCause.InternalError, report.Cause);
    }

    [Fact]
    public async Task ADrainThatWaitsForItsPeerIsCutShort()
    {
        TimeSpan never = TimeSpan.FromHours(1);
        await using var host = new TcpTestHost(options =>
        {
            options.DrainDeadlines = new DrainDeadlines(never, never, never);
            options.PeerCloseTimeout = never;
        });
        (ConnectionContext connection, _) = await host.ConnectPairAsync();
        var handler = new RecordingHandler(connection);
        handler.Feature.Attach(handler);
        handler.Feature.Lifecycle.BeginTeardown(TeardownCause.ListenerRemoved);
        await Within.Until(() => handler.Feature.Lifecycle.State == QueuePairState.Draining, "draining");

        host.Loops.Dispose();
        DrainReport report = await handler.Closed;
        Assert.Equal((TeardownCause.ListenerRemoved, QueuePairState.Aborting), (report.Cause, report.LastStage));
    }

    /// <summary>The proof comes when nobody listens any more: it is asked for at T3, and found.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task WhatTheKernelStillHoldsIsProvenAtT3OrQuarantined(bool proofComes)
    {
        const int Length = 40_960;
        var deadlines = new DrainDeadlines(TimeSpan.FromHours(1), TimeSpan.FromHours(1), TimeSpan.FromMilliseconds(500));
        ScriptedTcpSocket? socket = null;
        await using var host = new TcpTestHost(options =>
        {
            options.ZeroCopy = ZeroCopyMode.AtLeast(1000);
            options.DrainDeadlines = deadlines;
        });
        host.Factory.Transport.SocketDecorator = inner => socket = new ScriptedTcpSocket(inner) { Withholds = true };
        (ConnectionContext connection, Socket peer) = await host.ConnectPairAsync();
        var handler = new RecordingHandler(connection);
        handler.Feature.Attach(handler);
        var owner = new CountingOwner();
        await handler.OnLoop(() =>
        {
            BufferLease lease = host.Rent(Length);
            PeerStream.Fill(lease.Span, 0);
            handler.Feature.Append(lease, owner);
        });
        await PeerStream.ReceiveAsync(peer, Length, Length, 1);

        host.Loops.Dispose();
        Assert.Equal((0, 0), (owner.Proven, owner.Unproven));
        Assert.Equal(1, host.Pool.Statistics.RentedBlocks);
        socket!.Withholds = !proofComes;
        DrainReport report = await handler.Closed;
        Assert.Equal(DrainStages.Abort, report.PassedDeadlines);
        Assert.Equal(proofComes ? 0 : Length, report.QuarantinedBytes);
        Assert.Equal(proofComes ? (1, 0) : (0, 1), (owner.Proven, owner.Unproven));
        host.ExpectedQuarantine = host.Pool.Statistics.QuarantinedBytes;
        Assert.Equal(proofComes ? 0 : 1, host.Pool.Statistics.QuarantinedBlocks);
    }

    [Fact]
    public async Task ACommandAtABackEndIsWaitedForAsEver()
    {
        await using var host = new TcpTestHost(
            options => options.DrainDeadlines = new DrainDeadlines(TimeSpan.FromHours(1), TimeSpan.FromHours(1), TimeSpan.FromHours(1)));
        (ConnectionContext connection, _) = await host.ConnectPairAsync();
        var handler = new RecordingHandler(connection);
        handler.Feature.Attach(handler);
        QueuePairLifecycle lifecycle = handler.Feature.Lifecycle;
        lifecycle.TryGoLive();
        Assert.True(lifecycle.TryAcquire(ReferenceKind.Command));

        host.Loops.Dispose();
        await handler.Quiescing;
        Assert.False(lifecycle.Completion.IsCompleted);

        // The answer comes the way it always does: posted.
        await handler.OnLoop(() => lifecycle.Release(ReferenceKind.Command));
        DrainReport report = await handler.Closed;
        Assert.Equal((0, DrainStages.None), (report.AbandonedCommands, report.PassedDeadlines));
    }

    [Fact]
    public async Task ThePipeOfAConnectionEnds()
    {
        await using var host = new TcpTestHost();
        (ConnectionContext connection, _) = await host.ConnectPairAsync();
        PipeReader input = connection.Transport.Input;
        ValueTask<ReadResult> reading = input.ReadAsync();
        host.Loops.Dispose();
        await Assert.ThrowsAsync<ConnectionAbortedException>(() => reading.AsTask().WaitAsync(Within.Limit));
        await connection.DisposeAsync().AsTask().WaitAsync(Within.Limit);
    }

    [Fact]
    public async Task AListenerSaysWhyNothingIsAcceptedAndCanBeUnbound()
    {
        await using var host = new TcpTestHost();
        IPEndPoint endPoint = await host.ListenAsync();
        await using IConnectionListener listener = await host.Factory.BindAsync(new IPEndPoint(IPAddress.Loopback, 0));
        Task<ConnectionContext?> accepting = listener.AcceptAsync().AsTask();
        host.Loops.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => accepting.WaitAsync(Within.Limit));
        Assert.True(host.Log.Has(34, "AcceptFailed"));
        await listener.UnbindAsync().AsTask().WaitAsync(Within.Limit);
        using var late = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await Assert.ThrowsAsync<SocketException>(() => late.ConnectAsync(endPoint).WaitAsync(Within.Limit));
    }

    [Fact]
    public async Task BindingAndConnectingAreRefused()
    {
        await using var host = new TcpTestHost();
        var endPoint = new IPEndPoint(IPAddress.Loopback, 1);
        host.Loops.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await host.Factory.BindAsync(endPoint));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await host.Factory.Transport.ConnectAsync(endPoint, default));
    }

    /// <summary>Under way when the loop ends: not begun yet, or waiting for the peer.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AConnectUnderWayFails(bool begun)
    {
        await using var host = new TcpTestHost();
        using var full = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        full.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        full.Listen(0);
        using var filler = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await filler.ConnectAsync(full.LocalEndPoint!).WaitAsync(Within.Limit);
        using var busy = new ManualResetEventSlim(begun);
        host.Factory.Transport.EnsureStarted();
        foreach (EventLoopThread loop in host.Loops.Loops)
        {
            loop.Post(new LoopAction(() => busy.Wait(Within.Limit)));
        }

        // One on each loop. Its backlog is full: the kernel answers nobody.
        Task<ConnectionContext>[] connecting = [.. host.Loops.Loops.Select(_ => host.Factory.Transport.ConnectAsync(full.LocalEndPoint!, default).AsTask())];
        Task all = Task.WhenAll(host.Loops.Loops.Select(loop => LoopAction.RunAsync(loop, () => { })));
        Task disposal = Task.Run(host.Loops.Dispose);
        if (begun)
        {
            await all.WaitAsync(Within.Limit);
        }

        await Task.Delay(20);
        busy.Set();
        foreach (Task one in connecting)
        {
            await Assert.ThrowsAsync<ObjectDisposedException>(() => one.WaitAsync(Within.Limit));
        }

        await disposal.WaitAsync(Within.Limit);
    }

    private static async Task AssertResetAsync(Socket peer)
    {
        var error = await Assert.ThrowsAsync<SocketException>(() => peer.ReceiveAsync(new byte[1]).WaitAsync(Within.Limit));
        Assert.Equal(SocketError.ConnectionReset, error.SocketErrorCode);
    }
}
