using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Transport.Tcp.Internal;

namespace Nvmf.Transport.Tcp.Tests.Connections;

/// <summary>A back end that does not answer keeps a queue pair up to T1, but nothing that the machine has few of.</summary>
public class StuckCommandTests
{
    [Fact]
    public async Task ABrokenConnectionKeepsNoDescriptorForACommandAtABackEnd()
    {
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var host = new TcpTestHost(
            options => options.DrainDeadlines = new DrainDeadlines(TimeSpan.FromHours(1), TimeSpan.FromHours(1), TimeSpan.FromHours(1)));
        host.Factory.Transport.SocketDecorator = socket => new WatchedSocket(socket, closed);
        (ConnectionContext connection, Socket peer) = await host.ConnectPairAsync();
        var handler = new RecordingHandler(connection);
        handler.Feature.Attach(handler);
        QueuePairLifecycle lifecycle = handler.Feature.Lifecycle;
        lifecycle.TryGoLive();
        Assert.True(lifecycle.TryAcquire(ReferenceKind.Command));

        peer.LingerState = new LingerOption(true, 0);
        peer.Close();
        await closed.Task.WaitAsync(Within.Limit);
        Assert.Equal(QueuePairState.Aborting, lifecycle.State);
        Assert.False(lifecycle.Completion.IsCompleted);

        lifecycle.Release(ReferenceKind.Command);
        DrainReport report = await handler.Closed;
        Assert.Equal((TeardownCause.ConnectionReset, 0, DrainStages.None), (report.Cause, report.AbandonedCommands, report.PassedDeadlines));
    }

    private sealed class WatchedSocket(TcpSocket inner, TaskCompletionSource closed) : DecoratedTcpSocket(inner)
    {
        public override void Close()
        {
            base.Close();
            closed.TrySetResult();
        }
    }
}
