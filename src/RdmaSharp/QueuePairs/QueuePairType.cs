namespace RdmaSharp;

/// <summary>Service of a queue pair (<c>enum ibv_qp_type</c>).</summary>
public enum QueuePairType
{
    /// <summary>RC: one peer, ordered, acknowledged.</summary>
    ReliableConnection = 2,

    /// <summary>UC: one peer, not acknowledged.</summary>
    UnreliableConnection = 3,

    /// <summary>UD: messages of one packet to anybody.</summary>
    UnreliableDatagram = 4,

    /// <summary>Ethernet packets.</summary>
    RawPacket = 8,

    /// <summary>XRC, sending side.</summary>
    ExtendedConnectionSend = 9,

    /// <summary>XRC, receiving side.</summary>
    ExtendedConnectionReceive = 10,
}
