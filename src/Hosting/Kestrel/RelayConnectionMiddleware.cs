using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Hosting.Internal;
using Nvmf.Transport.Tcp.Relay;

namespace Nvmf.Hosting.Kestrel;

/// <summary>The end of the pipeline of an end point inside Kestrel: each connection is relayed. Kestrel owns it and disposes it when the relay has ended.</summary>
internal sealed class RelayConnectionMiddleware(RelayUpstreams upstreams, RelayRuntime runtime)
{
    public async Task OnConnectionAsync(ConnectionContext connection)
    {
        CancellationToken closeRequested =
            connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? CancellationToken.None;
        SpliceRelay? relay;
        try
        {
            relay = await runtime.Factory.ForwardAsync(connection, upstreams, cancellationToken: closeRequested).ConfigureAwait(false);
        }
        catch (Exception error) when (error is OperationCanceledException or IOException)
        {
            // The server stops, or the client went away meanwhile.
            connection.Abort(new ConnectionAbortedException("The connection was closed before it was relayed.", error));
            return;
        }

        if (relay is null)
        {
            return;
        }

        using CancellationTokenRegistration registration =
            closeRequested.UnsafeRegister(static state => ((SpliceRelay)state!).Close(TeardownCause.ProcessStop), relay);
        runtime.Ends.Record(await relay.Completion.ConfigureAwait(false));
    }
}
