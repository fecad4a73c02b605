using Nvmf.Transport.Rdma.Adapter;

namespace Nvmf.Transport.Rdma.Tests.Virtual;

internal sealed record VirtualCmEvent(VirtualCmId Id, ConnectionEventType Type)
{
    public VirtualCmId? Listener { get; init; }

    public int Status { get; init; }

    public byte[] PrivateData { get; init; } = [];

    public byte ResponderResources { get; init; }

    public byte InitiatorDepth { get; init; }

    public CmEvent ToEvent(nint token)
    {
        var cmEvent = new CmEvent
        {
            Type = Type,
            Status = Status,
            Id = Id,
            ListenId = Listener,
            ResponderResources = ResponderResources,
            InitiatorDepth = InitiatorDepth,
            PrivateDataLength = PrivateData.Length,
            Token = token,
        };
        PrivateData.CopyTo((Span<byte>)cmEvent.PrivateData);
        return cmEvent;
    }
}
