using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Initiator.Internal;

namespace Nvmf.Initiator;

public sealed partial class NvmeController
{
    private const ushort DynamicController = 0xFFFF;
    private const int AdminDepth = 31;

    // 64 and 16 bytes, pages of 4 KiB, the NVM command set.
    private static readonly ControllerConfiguration Enabled = new() { SubmissionQueueEntrySize = 6, CompletionQueueEntrySize = 4, Enable = true };

    /// <summary>Connects to a subsystem: admin queue, controller enable, I/O queues, keep-alive.</summary>
    /// <param name="connector">The transport.</param>
    /// <param name="endPoint">The controller's address.</param>
    /// <param name="options">Names, sizes and deadlines.</param>
    /// <param name="pool">Memory for admin data and for the copying form of the commands; outlives the controller.</param>
    /// <param name="loggerFactory">Logging; none when null.</param>
    /// <param name="timeProvider">Clock of deadlines and keep-alive; the system's when null.</param>
    /// <param name="cancellationToken">Gives up connecting.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="NvmeException">The controller refused; for Connect, the message names the offending parameter.</exception>
    /// <exception cref="NvmeConnectionException">Nobody there, the connection broke, or the other side speaks something else.</exception>
    /// <exception cref="TimeoutException">No answer, or the controller did not become ready within CAP.TO.</exception>
    /// <exception cref="NvmeAuthenticationException">The controller asks for a secret that was not given, refused it, or did not prove itself.</exception>
    /// <exception cref="NotSupportedException">The controller needs something this library does not do (a secure channel, other page sizes).</exception>
    public static async Task<NvmeController> ConnectAsync(
        IHostQueuePairConnector connector,
        EndPoint endPoint,
        NvmeConnectOptions options,
        BufferPool pool,
        ILoggerFactory? loggerFactory = null,
        TimeProvider? timeProvider = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(connector);
        ArgumentNullException.ThrowIfNull(endPoint);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(pool);
        options.Validate();
        var controller = new NvmeController(connector, endPoint, options, pool, loggerFactory, timeProvider);
        try
        {
            await controller.EstablishAsync(cancellationToken).ConfigureAwait(false);
            return controller;
        }
        catch (NvmeConnectionException e) when (cancellationToken.IsCancellationRequested)
        {
            await controller.DisposeAsync().ConfigureAwait(false);
            throw new OperationCanceledException(e.Message, e, cancellationToken);
        }
        catch
        {
            await controller.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private bool IsDiscovery => Options.SubsystemNqn == Nqn.Discovery || _identity.ControllerType == ControllerType.Discovery;

    private async Task EstablishAsync(CancellationToken cancellationToken)
    {
        StartDeadlines();
        await OpenQueueAsync(0, AdminDepth, cancellationToken).ConfigureAwait(false);
        await EnableAsync(cancellationToken).ConfigureAwait(false);
        _identity = await IdentifyControllerAsync(cancellationToken).ConfigureAwait(false);
        if (_identity.ControllerId != ControllerId)
        {
            // I/O queues are connected to the one, and fences raised against the other.
            throw new NvmeConnectionException(
                $"{EndPoint} answered Connect as controller {ControllerId} and Identify as controller {_identity.ControllerId}.", null);
        }

        MaxTransferLength = GetMaxTransferLength();
        StartKeepAlive();
        if (!IsDiscovery && Options.QueueCount > 0)
        {
            await OpenIoQueuesAsync(cancellationToken).ConfigureAwait(false);
        }

        await StartEventsAsync(cancellationToken).ConfigureAwait(false);
        LogConnected(Options.SubsystemNqn, EndPoint, ControllerId, _ioQueues.Length);
    }

    private int GetMaxTransferLength()
    {
        // An exponent from the wire: 64 bits, and bounded before it is used as one.
        var mdts = _identity.MaxDataTransferSize == 0 ? 31 : Math.Min(31, (int)_identity.MaxDataTransferSize);
        return (int)Math.Min(_pool.MaxLength, 1L << Math.Min(62, mdts + 12 + _capabilities.MemoryPageSizeMinimum));
    }

    private async Task OpenIoQueuesAsync(CancellationToken cancellationToken)
    {
        if (!_capabilities.NvmCommandSet)
        {
            throw new NotSupportedException("The controller does not support the NVM command set.");
        }

        var wanted = (uint)Options.QueueCount - 1;
        var granted = await SetFeatureAsync(FeatureIdentifier.NumberOfQueues, wanted | (wanted << 16), cancellationToken: cancellationToken).ConfigureAwait(false);
        var count = Math.Min(Options.QueueCount, Math.Min((int)(granted & 0xFFFF), (int)(granted >> 16)) + 1);
        var depth = Math.Min(Options.QueueDepth, _capabilities.MaxQueueEntries);
        if (_identity.MaxOutstandingCommands != 0)
        {
            depth = Math.Min(depth, _identity.MaxOutstandingCommands);
        }

        for (var id = 1; id <= count; id++)
        {
            await OpenQueueAsync((ushort)id, Math.Max(1, depth), cancellationToken).ConfigureAwait(false);
        }

        _ioQueues = [.. _queues.Skip(1)];
    }

    private async Task OpenQueueAsync(ushort id, int depth, CancellationToken cancellationToken)
    {
        var pair = await OpenPairAsync(id, depth, cancellationToken).ConfigureAwait(false);
        var queue = new NvmeQueue(pair, id, depth, _services);
        AddQueue(queue);
        await SendConnectAsync(queue, cancellationToken).ConfigureAwait(false);
    }

    // Data right behind the entry is the only form there is here (ICDOFF 0).
    private int GetInCapsuleDataSize() => _identity.InCapsuleDataOffset != 0
        ? 0
        : (int)Math.Clamp((_identity.IoQueueCommandCapsuleSize * 16L) - SubmissionQueueEntry.Size, 0, int.MaxValue);

    private async Task<HostQueuePair> OpenPairAsync(ushort id, int depth, CancellationToken cancellationToken)
    {
        var options = new HostQueuePairOptions
        {
            IsAdmin = id == 0,
            QueueId = id,
            // One more than the commands in flight, as on the controller's side.
            QueueSize = depth + 1,
            HeaderDigest = Options.HeaderDigest,
            DataDigest = Options.DataDigest,
            ConnectTimeout = Options.ConnectTimeout,
        };
        try
        {
            return await _connector.ConnectAsync(EndPoint, options, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ConnectionAbortedException or ConnectionResetException)
        {
            throw new NvmeConnectionException(e.Message, e);
        }
    }

    private async Task SendConnectAsync(NvmeQueue queue, CancellationToken cancellationToken)
    {
        var attributes = Options.DisableSqFlowControl ? ConnectAttributes.DisableFlowControl : ConnectAttributes.None;
        var entry = Entries.Connect(queue.Id, queue.Depth, attributes, queue.Id == 0 ? Options.KeepAlive : TimeSpan.Zero);
        var completion = await SubmitAsync(queue, entry, "Connect", WriteConnectData(), cancellationToken).ConfigureAwait(false);
        if (!completion.Status.IsSuccess)
        {
            throw RefusedConnect(queue.Id, completion);
        }

        if ((completion.Dword0 & ConnectResult.SecureChannelRequired) != 0)
        {
            throw new NotSupportedException($"Subsystem {Options.SubsystemNqn} requires a secure channel after authentication, which this host does not support.");
        }

        if (queue.Id == 0)
        {
            ControllerId = (ushort)completion.Dword0;
        }
        else
        {
            // Before anything else is sent: Linux 6.12's target never asks (R2T) for data that would have fitted into the capsule, and waits for ever.
            queue.SetInCapsuleDataSize(GetInCapsuleDataSize());
        }

        // A controller that has to prove itself does not get around it by not asking.
        if ((completion.Dword0 & ConnectResult.AuthenticationTransactionRequired) != 0 || Options.ControllerSecret is not null)
        {
            await AuthenticateAsync(queue, cancellationToken).ConfigureAwait(false);
        }

        Volatile.Write(ref _admitted, true);
    }

    private byte[] WriteConnectData()
    {
        var bytes = new byte[ConnectData.Size];
        ref var data = ref WireStructure.View<ConnectData>(bytes);
        data.HostId = new Identifier128(Options.HostId);
        data.ControllerId = _queues.Count <= 1 ? DynamicController : ControllerId;
        data.SubsystemNqn.Set(Options.SubsystemNqn);
        data.HostNqn.Set(Options.EffectiveHostNqn);
        return bytes;
    }

    private NvmeException RefusedConnect(ushort queueId, in CompletionQueueEntry completion)
    {
        var detail = $"subsystem {Options.SubsystemNqn}, queue {queueId}";
        if (completion.Status.IsSameCode(NvmeStatus.ConnectInvalidParameters))
        {
            // DW0: IPO in bits 15:0, IATTR bit 16: data instead of command.
            var inData = (completion.Dword0 & 0x1_0000) != 0;
            detail += ", " + ((inData, completion.Dword0 & 0xFFFF) switch
            {
                (true, 0) => "bad host identifier",
                (true, 16) => "bad controller identifier",
                (true, 256) => "no such subsystem",
                (true, 512) => "bad host NQN",
                (false, 40) => "bad record format",
                (false, 42) => "bad queue identifier",
                (false, 44) => "bad queue size",
                var (_, offset) => $"bad parameter at byte {offset} of the {(inData ? "data" : "command")}",
            });
        }

        return new NvmeException("Connect", completion, detail, fabricsCommand: true);
    }

    private async Task EnableAsync(CancellationToken cancellationToken)
    {
        _capabilities = new ControllerCapabilities(await GetPropertyAsync(PropertyOffset.Capabilities, cancellationToken).ConfigureAwait(false));
        Version = new NvmeVersion((uint)await GetPropertyAsync(PropertyOffset.Version, cancellationToken).ConfigureAwait(false));
        if (_capabilities.MemoryPageSizeMinimum != 0)
        {
            throw new NotSupportedException("The controller does not support pages of 4 KiB.");
        }
        // A controller that reports 0 must be given something.
        var readyTimeout = TimeSpan.FromMilliseconds(500 * Math.Max(1, (int)_capabilities.Timeout));
        await SetPropertyAsync(PropertyOffset.Configuration, Enabled.Value, cancellationToken).ConfigureAwait(false);
        await WaitForStatusAsync(static status => status.Ready, readyTimeout, "become ready", cancellationToken).ConfigureAwait(false);
        _enabled = true;
    }

    private async Task WaitForStatusAsync(Func<ControllerStatus, bool> condition, TimeSpan timeout, string what, CancellationToken cancellationToken)
    {
        var start = _timeProvider.GetTimestamp();
        var pause = TimeSpan.FromMilliseconds(1);
        while (true)
        {
            var status = new ControllerStatus((uint)await GetPropertyAsync(PropertyOffset.Status, cancellationToken).ConfigureAwait(false));
            if (condition(status))
            {
                return;
            }

            if (status.Fatal)
            {
                throw new IOException("The controller reports a fatal status (CSTS.CFS).");
            }

            if (_timeProvider.GetElapsedTime(start) >= timeout)
            {
                throw new TimeoutException($"The controller did not {what} within {timeout.TotalSeconds:0.#} s.");
            }

            await Task.Delay(pause, _timeProvider, cancellationToken).ConfigureAwait(false);
            pause = TimeSpan.FromMilliseconds(Math.Min(100, pause.TotalMilliseconds * 2));
        }
    }
}
