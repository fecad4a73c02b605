namespace Nvmf.Abstractions.Lifecycle;

/// <summary>Everything that can happen to a <see cref="QueuePairWord"/>.</summary>
internal enum LifecycleOperation
{
    /// <summary>References are wanted.</summary>
    Acquire,

    /// <summary>References are given back.</summary>
    Release,

    /// <summary>The transport handshake succeeded.</summary>
    GoLive,

    /// <summary>Somebody wants the end.</summary>
    BeginTeardown,

    /// <summary>Somebody knows that a graceful end is out of reach.</summary>
    Abort,

    /// <summary>T1 passed.</summary>
    CommandsDeadline,

    /// <summary>T2 passed.</summary>
    TransmissionsDeadline,

    /// <summary>T3 passed.</summary>
    AbortDeadline,

    /// <summary>The stage callback that was running has returned.</summary>
    StageReturned,
}
