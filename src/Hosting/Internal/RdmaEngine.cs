using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;
using Nvmf.Transport.Rdma;

namespace Nvmf.Hosting.Internal;

/// <summary>RDMA listeners of the host. Takes nothing before the first is bound, so a machine without RDMA does not notice it.</summary>
internal sealed class RdmaEngine : IQueuePairListenerFactory, IDisposable, IAsyncDisposable
{
    private readonly RdmaQueuePairListenerFactory _factory;

    /// <param name="options">What most people want to say; goes before <paramref name="rdmaOptions"/>.</param>
    /// <param name="rdmaOptions">Everything else, by <c>services.Configure&lt;RdmaTransportOptions&gt;</c>.</param>
    /// <param name="pool">The target's memory.</param>
    /// <param name="loggers">Logging.</param>
    /// <param name="time">Clock of the deadlines.</param>
    public RdmaEngine(
        IOptions<NvmeTransportOptions> options,
        IOptions<RdmaTransportOptions> rdmaOptions,
        BufferPool pool,
        ILoggerFactory loggers,
        TimeProvider? time = null)
    {
        RdmaTransportOptions rdma = rdmaOptions.Value;
        LoopOptions.Apply(options.Value, rdma.LoopOptions);
        rdma.DrainDeadlines = options.Value.Deadlines.ToDrainDeadlines();
        rdma.TimeProvider = time ?? rdma.TimeProvider;
        _factory = new RdmaQueuePairListenerFactory(pool, rdma, loggers);
    }

    public bool CanBind(EndPoint endPoint) => _factory.CanBind(endPoint);

    public ValueTask<IQueuePairListener> BindAsync(EndPoint endPoint, CancellationToken cancellationToken = default) =>
        _factory.BindAsync(endPoint, cancellationToken);

    public ValueTask DisposeAsync() => _factory.DisposeAsync();

    /// <summary>For service providers that are disposed synchronously.</summary>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();
}
