using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Initiator.Internal;

namespace Nvmf.Initiator;

/// <summary>
/// The host's end of an association: one admin queue and its I/O queues. When one queue pair breaks, the association ends as a whole, and every
/// command that is still out fails; connecting again is the caller's business.
/// </summary>
/// <remarks>
/// <para>All members may be called from any thread. More commands than a queue has slots wait their turn.</para>
/// <para>
/// Methods with data come in two forms. With a <see cref="BufferLease"/> the bytes move between the wire and the lease, and the task ends after the
/// transport gave the lease up (not at the answer: failure F4). With <see cref="Memory{T}"/> they are copied through a lease of the controller's pool.
/// </para>
/// <para>
/// Errors: <see cref="NvmeException"/> for an error status, <see cref="TimeoutException"/> when a deadline passed,
/// <see cref="OperationCanceledException"/>, and <see cref="NvmeConnectionException"/> when the association has ended.
/// A cancelled or late command is aborted at the controller; its task ends when the command has.
/// </para>
/// </remarks>
public sealed partial class NvmeController : IAsyncDisposable
{
    private readonly IHostQueuePairConnector _connector;
    private readonly BufferPool _pool;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly QueueServices _services;
    private readonly List<NvmeQueue> _queues = [];
    private IdentifyController _identity;
    private ControllerCapabilities _capabilities;
    private NvmeQueue[] _ioQueues = [];
    private uint _nextQueue;

    private NvmeController(
        IHostQueuePairConnector connector,
        EndPoint endPoint,
        NvmeConnectOptions options,
        BufferPool pool,
        ILoggerFactory? loggerFactory,
        TimeProvider? timeProvider)
    {
        _connector = connector;
        EndPoint = endPoint;
        Options = options;
        _pool = pool;
        _timeProvider = timeProvider ?? TimeProvider.System;
        _logger = (loggerFactory ?? NullLoggerFactory.Instance).CreateLogger<NvmeController>();
        _services = new QueueServices(pool, _timeProvider, options)
        {
            TryAbort = TryAbort,
            OnBroken = (queue, error) => CloseAll(TeardownCause.AssociationEnded, error),
            OnQuarantined = OnQuarantined,
        };
    }

    /// <summary>Where the controller is.</summary>
    public EndPoint EndPoint { get; }

    /// <summary>What was asked for.</summary>
    public NvmeConnectOptions Options { get; }

    /// <summary>CNTLID.</summary>
    public ushort ControllerId { get; private set; }

    /// <summary>The VS property.</summary>
    public NvmeVersion Version { get; private set; }

    /// <summary>Identify Controller as read when connecting.</summary>
    public ref readonly IdentifyController Identity => ref _identity;

    /// <summary>Largest data transfer of one command in bytes: MDTS, and what the buffer pool can give.</summary>
    public int MaxTransferLength { get; private set; } = 4096;

    /// <summary>The admin queue.</summary>
    public NvmeQueue AdminQueue => _queues[0];

    /// <summary>The I/O queues as granted by the controller.</summary>
    public IReadOnlyList<NvmeQueue> IoQueues => _ioQueues;

    /// <summary>Where the leases of this controller come from.</summary>
    public BufferPool Pool => _pool;

    /// <summary>The next I/O queue in turn.</summary>
    /// <exception cref="InvalidOperationException">The association has no I/O queues.</exception>
    internal NvmeQueue NextIoQueue()
    {
        var queues = _ioQueues;
        if (queues.Length == 0)
        {
            throw new InvalidOperationException("The association was connected without I/O queues.");
        }

        return queues.Length == 1 ? queues[0] : queues[Interlocked.Increment(ref _nextQueue) % (uint)queues.Length];
    }
}
