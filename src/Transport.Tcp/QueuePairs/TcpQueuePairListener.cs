using System.Net;
using Microsoft.AspNetCore.Connections;
using Nvmf.Abstractions.Connections;

namespace Nvmf.Transport.Tcp.QueuePairs;

/// <summary>A connection listener whose connections are queue pairs.</summary>
internal sealed class TcpQueuePairListener(IConnectionListener listener, TcpQueuePairListenerFactory factory) : IQueuePairListener
{
    public EndPoint EndPoint => listener.EndPoint;

    public NvmeTransportType TransportType => NvmeTransportType.Tcp;

    public async ValueTask<QueuePair?> AcceptAsync(CancellationToken cancellationToken = default) =>
        await listener.AcceptAsync(cancellationToken).ConfigureAwait(false) is { } connection ? factory.Own(connection) : null;

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default) => listener.UnbindAsync(cancellationToken);

    public ValueTask DisposeAsync() => listener.DisposeAsync();
}
