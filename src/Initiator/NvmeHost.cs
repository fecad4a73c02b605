using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Initiator.Discovery;
using Nvmf.Initiator.Multipath;
using Nvmf.Transport.Tcp;
using Nvmf.Transport.Tcp.QueuePairs;

namespace Nvmf.Initiator;

/// <summary>
/// What the controllers of a process share: memory, event loops and transports. Make one, connect through it, dispose it after its controllers.
/// </summary>
/// <remarks>All members may be called from any thread.</remarks>
public sealed class NvmeHost : IAsyncDisposable
{
    private readonly List<IHostQueuePairConnector> _connectors = [];
    private readonly TcpConnectionFactory _tcp;
    private readonly ILoggerFactory _loggerFactory;
    private readonly bool _ownsPool;

    /// <summary>Makes a host that speaks NVMe/TCP. Threads and memory are taken with the first connection.</summary>
    /// <param name="pool">Memory, not disposed with the host; null for a pool of its own.</param>
    /// <param name="tcp">Options of the TCP transport; defaults when null.</param>
    /// <param name="loggerFactory">Logging; none when null.</param>
    /// <param name="connectors">Further transports, asked before TCP.</param>
    public NvmeHost(
        BufferPool? pool = null,
        TcpTransportOptions? tcp = null,
        ILoggerFactory? loggerFactory = null,
        IEnumerable<IHostQueuePairConnector>? connectors = null)
    {
        _ownsPool = pool is null;
        Pool = pool ?? new BufferPool();
        _loggerFactory = loggerFactory ?? NullLoggerFactory.Instance;
        _tcp = new TcpConnectionFactory(Options.Create(tcp ?? new TcpTransportOptions { BufferPool = Pool }), _loggerFactory);
        if (connectors is not null)
        {
            _connectors.AddRange(connectors);
        }

        _connectors.Add(new TcpHostQueuePairConnector(_tcp, _loggerFactory));
    }

    /// <summary>Where the leases come from.</summary>
    public BufferPool Pool { get; }

    /// <summary>Connects to a subsystem.</summary>
    /// <inheritdoc cref="NvmeController.ConnectAsync"/>
    /// <exception cref="NotSupportedException">No transport reaches such end points, or the controller needs something this library does not do.</exception>
    public Task<NvmeController> ConnectAsync(EndPoint endPoint, NvmeConnectOptions options, CancellationToken cancellationToken = default) =>
        NvmeController.ConnectAsync(FindConnector(endPoint), endPoint, options, Pool, _loggerFactory, cancellationToken: cancellationToken);

    /// <summary>
    /// Connects to a subsystem by several paths, and keeps them connected: what applications should use, with one path as well.
    /// </summary>
    /// <param name="endPoints">Addresses of controllers of the subsystem; at least one.</param>
    /// <param name="options">What to do when paths fail, and what each is asked for.</param>
    /// <param name="cancellationToken">Gives up waiting for the first path.</param>
    /// <returns>Ends with the first path that is live; the others follow in the background.</returns>
    /// <exception cref="NvmeConnectionException">Every path was given up; the reason of one is inside.</exception>
    /// <exception cref="ArgumentException">An option is out of its range, or there is no address.</exception>
    /// <exception cref="NotSupportedException">No transport reaches one of the addresses.</exception>
    public async Task<NvmeSubsystemConnection> ConnectSubsystemAsync(
        IEnumerable<EndPoint> endPoints, NvmeMultipathOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(endPoints);
        ArgumentNullException.ThrowIfNull(options);
        EndPoint[] all = [.. endPoints];
        if (all.Length == 0)
        {
            throw new ArgumentException("At least one address is needed.", nameof(endPoints));
        }

        foreach (var endPoint in all)
        {
            FindConnector(endPoint);
        }

        var subsystem = NewSubsystem(options);
        try
        {
            foreach (var endPoint in all)
            {
                subsystem.AddPath(endPoint);
            }

            await subsystem.WaitForPathAsync(cancellationToken).ConfigureAwait(false);
            return subsystem;
        }
        catch
        {
            await subsystem.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Reads the discovery log at <paramref name="endPoint"/>.</summary>
    /// <inheritdoc cref="NvmeDiscovery.GetLogAsync(IHostQueuePairConnector, EndPoint, BufferPool, NvmeConnectOptions?, ILoggerFactory?, CancellationToken)"/>
    public Task<NvmeDiscoveryLog> DiscoverAsync(EndPoint endPoint, NvmeConnectOptions? options = null, CancellationToken cancellationToken = default) =>
        NvmeDiscovery.GetLogAsync(FindConnector(endPoint), endPoint, Pool, options, _loggerFactory, cancellationToken);

    /// <summary>Reads the discovery log at <paramref name="endPoint"/>, and those of the discovery controllers that it refers to, and they refer to.</summary>
    /// <param name="endPoint">A discovery controller. Its errors are thrown; those of others are in the result.</param>
    /// <param name="options">As of <see cref="DiscoverAsync"/>; for every controller, with the subsystem names of the referrals.</param>
    /// <param name="limits">How far referrals are followed; defaults when null.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ArgumentException">A limit is out of its range.</exception>
    /// <remarks>Other errors: as of <see cref="DiscoverAsync"/>. Whoever serves a log chooses whom this host connects to; what is believed of it is bounded by the limits.</remarks>
    public Task<NvmeFabric> DiscoverFabricAsync(
        EndPoint endPoint, NvmeConnectOptions? options = null, NvmeReferralLimits? limits = null, CancellationToken cancellationToken = default)
    {
        FindConnector(endPoint);
        return FabricCrawl.RunAsync(this, endPoint, options ?? new NvmeConnectOptions { SubsystemNqn = Nqn.Discovery }, limits ?? new NvmeReferralLimits(), cancellationToken);
    }

    /// <summary>Drains what is still connected, within the drain deadlines, and stops the loops.</summary>
    public async ValueTask DisposeAsync()
    {
        await _tcp.DisposeAsync().ConfigureAwait(false);
        if (_ownsPool)
        {
            Pool.Dispose();
        }
    }

    internal bool CanConnect(EndPoint endPoint) => _connectors.Exists(connector => connector.CanConnect(endPoint));

    internal NvmeSubsystemConnection NewSubsystem(NvmeMultipathOptions options) =>
        new(options, (endPoint, token) => ConnectAsync(endPoint, options.Connect, token), _loggerFactory, TimeProvider.System);

    internal IHostQueuePairConnector FindConnector(EndPoint endPoint)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        return _connectors.Find(connector => connector.CanConnect(endPoint))
            ?? throw new NotSupportedException($"No transport of this host reaches {endPoint}.");
    }
}
