using RdmaSharp.Native;

namespace RdmaSharp;

/// <summary>
/// An event of a connection identifier that was fetched and has to be acknowledged once (rdma_get_cm_event(3), rdma_ack_cm_event(3)).
/// </summary>
/// <remarks>
/// Until then it keeps its identifier: one that is disposed of meanwhile is destroyed by the acknowledgement. Copy what is needed, acknowledge,
/// then act. Any thread; an event that is never acknowledged leaks its identifier, it does not block anything.
/// </remarks>
public sealed unsafe class RdmaConnectionEvent : IDisposable
{
    private ConnectionEventData* _data;

    private RdmaConnectionEvent(ConnectionEventData* data, RdmaId id, RdmaId? listenId)
    {
        _data = data;
        Id = id;
        ListenId = listenId;
        Type = data->Type;
        Status = data->Status;
        ref ConnectionParameterData parameters = ref data->Parameters;
        PrivateDataLength = HasParameters(Type) && parameters.PrivateData is not null ? parameters.PrivateDataLength : 0;
        if (!HasParameters(Type))
        {
            return;
        }

        Parameters = new ConnectionParameters
        {
            ResponderResources = parameters.ResponderResources,
            InitiatorDepth = parameters.InitiatorDepth,
            FlowControl = parameters.FlowControl != 0,
            RetryCount = parameters.RetryCount,
            ReceiverNotReadyRetryCount = parameters.ReceiverNotReadyRetryCount,
            SharedReceiveQueue = parameters.SharedReceiveQueue != 0,
            QueuePairNumber = parameters.QueuePairNumber,
        };
    }

    /// <summary>What happened.</summary>
    public ConnectionEventType Type { get; }

    /// <summary>0, a negative errno, or the reason of a rejection.</summary>
    public int Status { get; }

    /// <summary>
    /// The identifier that it is about. Of a <see cref="ConnectionEventType.ConnectRequest"/> it is new and belongs to whoever handles the event, who accepts or
    /// rejects it and disposes of it.
    /// </summary>
    public RdmaId Id { get; }

    /// <summary>The listener of a <see cref="ConnectionEventType.ConnectRequest"/>; null for other events, or when it is being destroyed.</summary>
    public RdmaId? ListenId { get; }

    /// <summary>What the peer offers; empty for events that have none.</summary>
    public ConnectionParameters Parameters { get; }

    /// <summary>Bytes of private data. Devices may pad what the peer sent with zeros.</summary>
    public int PrivateDataLength { get; }

    /// <summary>Copies the peer's private data.</summary>
    /// <returns>Bytes copied: the shorter of the two lengths.</returns>
    /// <exception cref="ObjectDisposedException">The event was acknowledged.</exception>
    public int CopyPrivateData(Span<byte> destination)
    {
        ConnectionEventData* data = _data;
        ObjectDisposedException.ThrowIf(data is null, this);
        int length = Math.Min(PrivateDataLength, destination.Length);
        new ReadOnlySpan<byte>(data->Parameters.PrivateData, length).CopyTo(destination);
        return length;
    }

    /// <summary>Tells the library that the event was seen, and frees it. The second time does nothing.</summary>
    public void Acknowledge()
    {
        nint data;
        fixed (ConnectionEventData** field = &_data)
        {
            data = Interlocked.Exchange(ref *(nint*)field, 0);
        }

        if (data == 0)
        {
            return;
        }

        ConnectionMethods.AcknowledgeEvent((ConnectionEventData*)data);
        ListenId?.DangerousRelease();
        Id.DangerousRelease();
    }

    /// <summary>Acknowledges.</summary>
    public void Dispose() => Acknowledge();

    /// <summary>Takes references to the identifiers of a fetched event; null when its identifier is being destroyed.</summary>
    internal static RdmaConnectionEvent? TryTake(RdmaEventChannel channel, ConnectionEventData* data)
    {
        RdmaId? listener = data->Type == ConnectionEventType.ConnectRequest && data->ListenId != 0 ? RdmaId.TryReference(data->ListenId) : null;
        RdmaId? id = data->Type == ConnectionEventType.ConnectRequest ? RdmaId.Accepted(channel, data->Id) : RdmaId.TryReference(data->Id);
        return id is null ? null : new RdmaConnectionEvent(data, id, listener);
    }

    private static bool HasParameters(ConnectionEventType type) => type is ConnectionEventType.ConnectRequest or ConnectionEventType.ConnectResponse
        or ConnectionEventType.Rejected or ConnectionEventType.Established or ConnectionEventType.Disconnected;
}
