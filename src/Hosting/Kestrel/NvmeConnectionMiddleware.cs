using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Hosting.Internal;
using Nvmf.Transport.Tcp.QueuePairs;

namespace Nvmf.Hosting.Kestrel;

/// <summary>
/// The end of the pipeline of an end point inside Kestrel: each connection becomes a queue pair. Kestrel owns the connection and disposes it when the queue
/// pair has ended.
/// </summary>
internal sealed class NvmeConnectionMiddleware(
    KestrelPorts ports,
    KestrelPort port,
    TargetRuntime runtime,
    TcpQueuePairListenerFactory queuePairs,
    IHostApplicationLifetime application,
    ILoggerFactory loggers)
{
    private readonly ILogger _logger = loggers.CreateLogger(HostingLog.Category);

    /// <summary>Kestrel asks connections to close when it stops, and when a change of its configuration takes their end point away.</summary>
    private TeardownCause CauseOfClose =>
        application.ApplicationStopping.IsCancellationRequested ? TeardownCause.ProcessStop : TeardownCause.ListenerRemoved;

    public async Task OnConnectionAsync(ConnectionContext connection)
    {
        await runtime.Opened.WaitAsync(connection.ConnectionClosed).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!runtime.Opened.IsCompletedSuccessfully)
        {
            return;
        }

        QueuePair queuePair = queuePairs.Adopt(connection);
        CancellationToken closeRequested =
            connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? CancellationToken.None;
        using CancellationTokenRegistration registration = closeRequested.Register(() => queuePair.Close(CauseOfClose));
        try
        {
            queuePair.Start(runtime.Target.CreateHandler(queuePair, ports.Get(port)));
        }
        catch (Exception error)
        {
            HostingLog.QueuePairNotStarted(_logger, queuePair.Id, error);
            queuePair.Close(TeardownCause.InternalError, error);
        }

        runtime.Ends.Record(await queuePair.Lifecycle.Completion.ConfigureAwait(false));
    }
}
