namespace RdmaSharp;

/// <summary>State of a queue pair (<c>enum ibv_qp_state</c>).</summary>
public enum QueuePairState
{
    /// <summary>New.</summary>
    Reset = 0,

    /// <summary>Receives may be posted.</summary>
    Initialized = 1,

    /// <summary>Receives.</summary>
    ReadyToReceive = 2,

    /// <summary>Receives and sends.</summary>
    ReadyToSend = 3,

    /// <summary>Stops sending.</summary>
    SendQueueDrained = 4,

    /// <summary>The send queue failed (not on reliable connections).</summary>
    SendQueueError = 5,

    /// <summary>Outstanding work is flushed.</summary>
    Error = 6,

    /// <summary>The device does not say.</summary>
    Unknown = 7,
}
