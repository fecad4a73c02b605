namespace Nvmf.Abstractions.Lifecycle;

/// <summary>Why somebody keeps a queue pair alive. Counted by kind for diagnosis.</summary>
public enum ReferenceKind
{
    /// <summary>A command accepted and not completed. Can be acquired in <see cref="QueuePairState.Live"/> only.</summary>
    Command,

    /// <summary>Bytes or a work request that kernel or adapter can still read or write.</summary>
    Transmission,

    /// <summary>A receive buffer posted to an adapter.</summary>
    PostedReceive,

    /// <summary>An asynchronous event or a message to another thread on its way.</summary>
    Event,

    /// <summary>An entry in somebody's table (event loop, CM id, timer).</summary>
    Registration,
}
