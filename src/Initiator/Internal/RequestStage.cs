namespace Nvmf.Initiator.Internal;

/// <summary>How far a request has come; changes on the loop only.</summary>
internal enum RequestStage : byte
{
    /// <summary>In the inbox, or not in use.</summary>
    New,

    /// <summary>In the pool's queue, or on its way back from there.</summary>
    WaitingForBuffer,

    /// <summary>In the queue's list.</summary>
    WaitingForSlot,

    /// <summary>The transport has it.</summary>
    InFlight,

    /// <summary>Its identifier is free for another command; the transport may still use its data.</summary>
    Answered,
}
