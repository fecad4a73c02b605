using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Transport.Tcp.Internal;

/// <summary>
/// Takes the pipe off its connection again: for a relay behind something that has looked at the first bytes. Its command reference goes to whoever
/// detached it.
/// </summary>
internal sealed partial class TcpPipe
{
    private TaskCompletionSource? _detached;

    /// <summary>True once the connection may be given to another handler.</summary>
    public bool IsDetached => _detached is { Task.IsCompletedSuccessfully: true };

    /// <summary>Any thread; nobody may be writing. Faults when the connection ended meanwhile.</summary>
    public Task DetachAsync()
    {
        var detached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (Interlocked.CompareExchange(ref _detached, detached, null) is { } earlier)
        {
            return earlier.Task;
        }

        _connection.Post(new DetachItem(this));
        return detached.Task;
    }

    /// <summary>On the loop: from here on received bytes stay in the kernel. Then the send loop runs dry, and comes to its end.</summary>
    private void Detach()
    {
        if (_isEnded)
        {
            _detached!.TrySetException(new IOException("The connection has ended."));
            return;
        }

        _connection.PauseReceive();
        EndInput(null);
        _output.Writer.Complete();
    }

    private void EndDetached(Exception? error)
    {
        if (error is null && _connection.Lifecycle.State == QueuePairState.Live)
        {
            _detached!.TrySetResult();
            return;
        }

        _detached!.TrySetException(error ?? new IOException("The connection ended while it was handed over."));
        _connection.Lifecycle.Release(ReferenceKind.Command);
    }

    private sealed class DetachItem(TcpPipe pipe) : IThreadPoolWorkItem
    {
        public void Execute() => pipe.Detach();
    }
}
