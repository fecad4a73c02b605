using Microsoft.AspNetCore.Connections;
using Nvmf.Transport.Rdma.Adapter;
using Nvmf.Transport.Rdma.QueuePairs;

namespace Nvmf.Transport.Rdma.Connections;

/// <summary>Words for events that mean "no connection".</summary>
internal static class ConnectFailure
{
    public static Exception Of(in CmEvent cmEvent) => cmEvent.Type switch
    {
        ConnectionEventType.Rejected => new ConnectionAbortedException(
            RejectPrivateData.TryRead(cmEvent.PrivateData[..cmEvent.PrivateDataLength], out RejectReason reason)
                ? $"The controller rejected the connection: {reason}."
                : "The connection was rejected: nobody listens there, or it is not NVMe/RDMA."),
        ConnectionEventType.AddressError => new ConnectionAbortedException("No RDMA device leads to the address."),
        ConnectionEventType.RouteError or ConnectionEventType.Unreachable => new ConnectionAbortedException("The controller cannot be reached over RDMA."),
        ConnectionEventType.AddressChange => new ConnectionResetException("The local address moved to another device."),
        _ => new ConnectionResetException($"The connection manager reported {cmEvent.Type}, status {cmEvent.Status}."),
    };
}
