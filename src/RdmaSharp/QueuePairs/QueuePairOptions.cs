namespace RdmaSharp;

/// <summary>How to make a queue pair (<c>struct ibv_qp_init_attr</c>).</summary>
public sealed class QueuePairOptions
{
    /// <summary>Where send work requests end.</summary>
    public required CompletionQueue SendQueue { get; init; }

    /// <summary>Where receive work requests end; may be the same.</summary>
    public required CompletionQueue ReceiveQueue { get; init; }

    /// <summary>Where receives come from; null for a receive queue of its own.</summary>
    public SharedReceiveQueue? SharedReceiveQueue { get; init; }

    /// <summary>Its sizes.</summary>
    public required QueuePairCapacity Capacity { get; init; }

    /// <summary>Its service.</summary>
    public QueuePairType Type { get; init; } = QueuePairType.ReliableConnection;

    /// <summary>Every send ends with a completion, <see cref="SendFlags.Signaled"/> or not.</summary>
    public bool SignalAll { get; init; }

    /// <summary>The first value of <see cref="RdmaHandle.UserState"/>: there before any event can come.</summary>
    public object? UserState { get; init; }
}
