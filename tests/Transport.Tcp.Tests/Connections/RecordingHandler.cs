using Microsoft.AspNetCore.Connections;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Transport.Tcp.Tests.Connections;

/// <summary>Swallows what it gets and remembers what happened.</summary>
internal class RecordingHandler : IOwnedMemoryConnectionHandler
{
    private readonly TaskCompletionSource<Exception?> _peerClosed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<DrainReport> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<TeardownCause> _quiescing = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public RecordingHandler(ConnectionContext connection)
    {
        Connection = connection;
        Feature = connection.Features.Get<IOwnedMemoryConnectionFeature>()!;
    }

    public ConnectionContext Connection { get; }

    public IOwnedMemoryConnectionFeature Feature { get; }

    public Task<Exception?> PeerClosed => _peerClosed.Task.WaitAsync(Within.Limit);

    public Task<TeardownCause> Quiescing => _quiescing.Task.WaitAsync(Within.Limit);

    public Task<DrainReport> Closed => _closed.Task.WaitAsync(Within.Limit);

    public List<string> Events { get; } = [];

    public long Received { get; private set; }

    public virtual int OnReceived(ReadOnlySpan<byte> bytes)
    {
        AssertOnLoop();
        Received += bytes.Length;
        return bytes.Length;
    }

    public virtual void OnReceivedInto(BufferLease destination) => AssertOnLoop();

    public virtual void OnBatchEnd() => AssertOnLoop();

    public virtual void OnPeerClosed(Exception? error)
    {
        AssertOnLoop();
        Events.Add("PeerClosed");
        _peerClosed.TrySetResult(error);
    }

    public virtual void OnQuiescing(TeardownCause cause)
    {
        AssertOnLoop();
        Events.Add("Quiescing");
        _quiescing.TrySetResult(cause);
    }

    public virtual void OnClosed(DrainReport report)
    {
        AssertOnLoop();
        Events.Add("Closed");
        _closed.TrySetResult(report);
    }

    /// <summary>Runs <paramref name="action"/> on the connection's loop and waits for it.</summary>
    public Task OnLoop(Action action)
    {
        var item = new LoopItem(action);
        Feature.Post(item);
        return item.Task.WaitAsync(Within.Limit);
    }

    private void AssertOnLoop()
    {
        if (!Feature.IsOnLoop)
        {
            throw new InvalidOperationException("Called outside of the loop.");
        }
    }

    private sealed class LoopItem(Action action) : IThreadPoolWorkItem
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Task => _done.Task;

        public void Execute()
        {
            try
            {
                action();
                _done.SetResult();
            }
            catch (Exception exception)
            {
                _done.SetException(exception);
            }
        }
    }
}
