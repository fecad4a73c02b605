using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Conformance.Tests.QueuePairs;

/// <summary>A target's end that answers every command at once, or holds it until the end, and notes the calls.</summary>
/// <param name="holds">Commands are held, and dropped when the queue pair quiesces.</param>
internal sealed class AnsweringHandler(bool holds) : IQueuePairHandler
{
    private readonly List<QueuePairCommand> _held = [];
    private readonly List<string> _calls = [];
    private readonly TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The first command is there.</summary>
    public Task Arrived => _arrived.Task;

    /// <summary>The last call has come.</summary>
    public Task Closed => _closed.Task.WithinLimit();

    /// <summary>The calls about the end, in order.</summary>
    public IReadOnlyList<string> Calls
    {
        get
        {
            lock (_calls)
            {
                return [.. _calls];
            }
        }
    }

    /// <summary>Every call came on the loop.</summary>
    public bool OnLoop { get; private set; } = true;

    public void OnCommand(QueuePairCommand command)
    {
        OnLoop &= command.QueuePair.IsOnLoop;
        _arrived.TrySetResult();
        if (holds)
        {
            _held.Add(command);
        }
        else
        {
            command.Complete(new CompletionQueueEntry { CommandId = command.Entry.CommandId });
        }
    }

    public void OnDataReceived(QueuePairCommand command, NvmeStatus status)
    {
    }

    public void OnQuiescing(QueuePair queuePair, TeardownCause cause)
    {
        OnLoop &= queuePair.IsOnLoop;
        Note($"quiescing {cause}");
        _held.ForEach(static command => command.Drop());
        _held.Clear();
    }

    public void OnClosed(QueuePair queuePair, DrainReport report)
    {
        OnLoop &= queuePair.IsOnLoop;
        Note($"closed {report.Cause}");
        _closed.TrySetResult();
    }

    private void Note(string call)
    {
        lock (_calls)
        {
            _calls.Add(call);
        }
    }
}
