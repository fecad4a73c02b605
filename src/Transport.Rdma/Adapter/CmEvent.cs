using System.Runtime.CompilerServices;

namespace Nvmf.Transport.Rdma.Adapter;

/// <summary>A copy of an rdma_cm_event.</summary>
internal struct CmEvent
{
    public ConnectionEventType Type;

    /// <summary>As in rdma_cm_event: a negative errno, or the reason of a reject, or 0.</summary>
    public int Status;

    /// <summary>The id of the event. For <see cref="ConnectionEventType.ConnectRequest"/> a new one, without owner, that the receiver of the event must destroy.</summary>
    public CmId Id;

    /// <summary>The listening id of a <see cref="ConnectionEventType.ConnectRequest"/>.</summary>
    public CmId? ListenId;

    /// <summary>param.conn (ConnectRequest, Established): RDMA reads that the peer wants to have under way; its initiator depth.</summary>
    public byte ResponderResources;

    /// <summary>param.conn: RDMA reads that the receiver of this event may have under way; the peer's responder resources.</summary>
    public byte InitiatorDepth;

    /// <summary>Bytes valid in <see cref="PrivateData"/>; adapters pad with zeros.</summary>
    public int PrivateDataLength;

    public CmPrivateData PrivateData;

    /// <summary>The adapter's own: what <see cref="CmEventChannel.Acknowledge"/> needs.</summary>
    public nint Token;
}

/// <summary>Private data of a CM message; longer than any of them.</summary>
[InlineArray(Capacity)]
internal struct CmPrivateData
{
    public const int Capacity = 256;

    private byte _first;
}
