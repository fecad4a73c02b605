namespace Nvmf.Target.Queues;

/// <summary>Who has the next word about a command. Changed on the queue pair's loop only.</summary>
internal enum SlotStage : byte
{
    /// <summary>No command: completed, dropped or never used.</summary>
    Idle,

    /// <summary>An executor is at work on it, on the loop.</summary>
    Running,

    /// <summary>The buffer pool: a turn is awaited.</summary>
    WaitingForBuffer,

    /// <summary>The host: data is on its way.</summary>
    ReceivingData,

    /// <summary>The host: data is on its way, but the command was preempted meanwhile and fails when it is there.</summary>
    ReceivingToFail,

    /// <summary>The back end.</summary>
    AtBackend,

    /// <summary>The loop: it gave way to other commands between two steps.</summary>
    Yielded,

    /// <summary>Another queue's loop: an Abort looks for its victim there.</summary>
    AtOtherQueue,

    /// <summary>The other command of a fused pair.</summary>
    WaitingForPartner,

    /// <summary>The controller: an Asynchronous Event Request that waits for an event.</summary>
    WaitingForEvent,
}
