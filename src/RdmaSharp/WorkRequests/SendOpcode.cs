namespace RdmaSharp;

/// <summary>What a send work request does (<c>enum ibv_wr_opcode</c>).</summary>
public enum SendOpcode
{
    /// <summary>Writes to the peer's memory.</summary>
    RdmaWrite = 0,

    /// <summary>Writes to the peer's memory and completes a receive there.</summary>
    RdmaWriteWithImmediate = 1,

    /// <summary>Sends a message into the peer's next receive.</summary>
    Send = 2,

    /// <summary>Sends a message with four bytes for the completion.</summary>
    SendWithImmediate = 3,

    /// <summary>Reads the peer's memory.</summary>
    RdmaRead = 4,

    /// <summary>Atomic compare and swap of 8 bytes.</summary>
    CompareAndSwap = 5,

    /// <summary>Atomic fetch and add of 8 bytes.</summary>
    FetchAndAdd = 6,

    /// <summary>Invalidates a local key.</summary>
    LocalInvalidate = 7,

    /// <summary>Binds a memory window.</summary>
    BindMemoryWindow = 8,

    /// <summary>Sends a message and invalidates a key of the peer.</summary>
    SendWithInvalidate = 9,

    /// <summary>Atomic write of 8 bytes.</summary>
    AtomicWrite = 15,
}
