using System.Net;

namespace Nvmf.Abstractions.Connections;

/// <summary>Makes listeners of one transport; register one per transport.</summary>
public interface IQueuePairListenerFactory
{
    /// <summary>True when this transport serves such end points.</summary>
    bool CanBind(EndPoint endPoint);

    /// <summary>Binds and listens.</summary>
    /// <exception cref="Microsoft.AspNetCore.Connections.AddressInUseException">The port is taken.</exception>
    /// <exception cref="PlatformNotSupportedException">The transport is not supported here; the message says what is missing.</exception>
    ValueTask<IQueuePairListener> BindAsync(EndPoint endPoint, CancellationToken cancellationToken = default);
}
