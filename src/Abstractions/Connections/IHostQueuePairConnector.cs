using System.Net;

namespace Nvmf.Abstractions.Connections;

/// <summary>Opens queue pairs to a controller; one implementation per transport.</summary>
public interface IHostQueuePairConnector
{
    /// <summary>True when this transport reaches such end points.</summary>
    bool CanConnect(EndPoint endPoint);

    /// <summary>
    /// Opens the transport connection (TCP: connect and ICReq/ICResp). The queue pair is live afterwards; the Connect command is the
    /// initiator's first submission.
    /// </summary>
    /// <exception cref="Microsoft.AspNetCore.Connections.ConnectionAbortedException">The peer refused or broke the protocol; the message says how.</exception>
    ValueTask<HostQueuePair> ConnectAsync(EndPoint endPoint, HostQueuePairOptions options, CancellationToken cancellationToken = default);
}
