using System.Net;

namespace Nvmf.Abstractions.Connections;

/// <summary>Accepts queue pairs on one end point.</summary>
public interface IQueuePairListener : IAsyncDisposable
{
    /// <summary>The bound end point (a port 0 is resolved).</summary>
    EndPoint EndPoint { get; }

    /// <summary>The transport.</summary>
    NvmeTransportType TransportType { get; }

    /// <summary>Waits for the next queue pair, which is not yet started. Null after <see cref="UnbindAsync"/>.</summary>
    ValueTask<QueuePair?> AcceptAsync(CancellationToken cancellationToken = default);

    /// <summary>Stops accepting. Queue pairs already accepted go on.</summary>
    ValueTask UnbindAsync(CancellationToken cancellationToken = default);
}
