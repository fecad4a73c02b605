using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Authentication;
using Nvmf.Target.Controllers;
using Nvmf.Target.Diagnostics;

namespace Nvmf.Target.Queues;

/// <summary>
/// The target's end of one queue pair: takes commands, finds who executes them, keeps count. Lives on the queue pair's loop.
/// </summary>
/// <remarks>
/// <code>
/// Unconnected ──Connect──► admin queue or I/O queue ──OnQuiescing──► quiescing ──last command──► idle ──OnClosed──► closed
///   (only Connect)             (table of executors)     (waiting commands dropped,               (the controller
///        │                             ▲                 the back end's finish)                   may reuse the queue id)
///        └─Connect──► unauthenticated ─┘
///                   (only authentication)
/// </code>
/// </remarks>
internal sealed partial class TargetQueue : IQueuePairHandler
{
    // FUSE (bits 1:0) is 00b, but for a Compare and Write, and PSDT (bits 7:6) must be 01b: fabrics do not know PRPs.
    private const byte CheckedFlags = 0xC3;

    // The two low bits of an opcode. A command that sends data to the host cannot do with an SGL that points into the capsule.
    private const byte DirectionMask = 3;

    private readonly ILogger _logger;
    private readonly Instrument _durations;
    private CommandExecutor[] _executors = CommandTables.Unconnected;
    private int _size;
    private int _head;
    private bool _flowControlDisabled;
    private QueueAuthentication? _authentication;

    public TargetQueue(NvmeTarget target, QueuePair queuePair, TargetPort port)
    {
        Target = target;
        QueuePair = queuePair;
        Port = port;
        Pool = target.Pool;
        GathersData = queuePair.Capabilities.GathersData;
        _logger = target.Logger;
        _durations = target.Metrics.Durations;
        Fences = new NamespaceFences(this);
    }

    public NvmeTarget Target { get; }

    public QueuePair QueuePair { get; }

    /// <summary>Ends after the queue pair did, when the target no longer lists this queue.</summary>
    public Task Forgotten { get; set; } = Task.CompletedTask;

    public TargetPort Port { get; }

    public BufferPool Pool { get; }

    /// <summary>The transport sends what a back end lends.</summary>
    public bool GathersData { get; }

    /// <summary>Null before Connect.</summary>
    public Controller? Controller { get; private set; }

    /// <summary>Null where nobody has to authenticate, or asked to. Written on the loop, read by the target's timer.</summary>
    public QueueAuthentication? Authentication
    {
        get => Volatile.Read(ref _authentication);
        private set => Volatile.Write(ref _authentication, value);
    }

    /// <summary>The controller of a connected queue.</summary>
    public Controller ConnectedController => Controller!;

    public ushort QueueId { get; private set; }

    /// <summary>Entries; 0 before Connect.</summary>
    public int Size => _size;

    /// <summary>Largest data transfer of one command, in bytes.</summary>
    public uint MaxDataTransferSize { get; private set; }

    /// <summary>Scratch memory of a command that works in chunks, in bytes.</summary>
    public int ChunkSize => Target.ChunkSize;

    /// <summary>Somebody listens to the histogram of command durations.</summary>
    public bool MeasuresDuration => _durations.Enabled;

    public bool IsAdmin => QueueId == 0;

    public BufferPriority BufferPriority { get; private set; } = BufferPriority.Administration;

    /// <summary>
    /// For the data of I/O commands: a host that sends none of the data it was asked for, or reads none of what it asked for, keeps only its own queues from memory.
    /// Null for an admin queue.
    /// </summary>
    public BufferShare? BufferShare { get; private set; }

    /// <summary>Fences of removed namespaces, on their way here. Any thread.</summary>
    public NamespaceFences Fences { get; }

    public CommandIdSet CommandIds { get; } = new();

    /// <summary>Written on the loop, read by anybody.</summary>
    public QueueCounters Counters { get; } = new();

    /// <inheritdoc/>
    public void OnCommand(QueuePairCommand command)
    {
        CommandSlot slot = command.HandlerState as CommandSlot ?? AddSlot(command);
        ref readonly SubmissionQueueEntry entry = ref command.Entry;
        Counters.OnCommand(entry.Opcode);
        try
        {
            if (_firstFused != null)
            {
                ReviewFirstFused(command);
            }

            CommandExecutor executor = _executors[entry.Opcode];
            if (!CommandIds.TryAdd(entry.CommandId))
            {
                // Refused, it is no second; and the command behind it is not the next.
                if (_firstFused != null)
                {
                    EndFirstFused(NvmeStatus.AbortedMissingFused);
                }

                slot.BeginDuplicate(entry.CommandId);
                slot.Reject(NvmeStatus.CommandIdConflict);
                return;
            }

            slot.Begin(executor, entry.CommandId);
            if (!command.TransportStatus.IsSuccess)
            {
                slot.Fail(command.TransportStatus);
            }
            else if ((entry.Flags & CheckedFlags) != SubmissionQueueEntryExtensions.SglFlags)
            {
                StartFused(slot, in entry);
            }
            else if ((entry.Opcode & DirectionMask) == (byte)DataDirection.ControllerToHost && !command.InCapsuleData.IsEmpty)
            {
                slot.Reject(NvmeStatus.SglDescriptorTypeInvalid);
            }
            else
            {
                executor.Start(slot, in entry);
            }
        }
        catch (Exception exception)
        {
            OnUnexpectedException(slot, exception);
        }
    }

    /// <inheritdoc/>
    public void OnDataReceived(QueuePairCommand command, NvmeStatus status)
    {
        if (command.HandlerState is not CommandSlot slot)
        {
            return;
        }

        try
        {
            slot.OnDataReceived(status);
        }
        catch (Exception exception)
        {
            OnUnexpectedException(slot, exception);
        }

        ReviewPending();
    }

    /// <summary>A Connect command was accepted; with <paramref name="mustAuthenticate"/> nothing is served before <see cref="BecomeServed"/>.</summary>
    public void BecomeConnected(Controller controller, in QueuePairParameters parameters, bool mustAuthenticate)
    {
        Controller = controller;
        QueueId = parameters.QueueId;
        _size = parameters.QueueSize;
        _flowControlDisabled = parameters.SubmissionQueueFlowControlDisabled;
        MaxDataTransferSize = controller.Limits.MaxDataTransferSize;
        if (!IsAdmin)
        {
            BufferPriority = BufferPriority.InputOutput;
            BufferShare = Pool.CreateShare();
        }

        if (mustAuthenticate)
        {
            _executors = CommandTables.Unauthenticated;
            Authentication = new QueueAuthentication(this, controller.Subsystem!, required: true);
        }
        else
        {
            BecomeServed();
        }

        QueuePair.OnConnected(in parameters);
    }

    /// <summary>The host is who it says, or does not have to prove it.</summary>
    public void BecomeServed() => _executors = IsAdmin ? CommandTables.Admin : CommandTables.InputOutput;

    /// <summary>The host of a connected queue wants to authenticate.</summary>
    /// <returns>False: it has no secret here.</returns>
    public bool TryPrepareAuthentication()
    {
        if (Authentication == null && ConnectedController is { Subsystem: { } subsystem } controller && subsystem.HasSecrets(controller.HostNqn))
        {
            Authentication = new QueueAuthentication(this, subsystem, required: false);
        }

        return Authentication != null;
    }

    /// <summary>
    /// The head pointer for the next completion. It moves with completions, not with arrivals: so the host never has more commands out than the transport
    /// has slots.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ushort AdvanceHead()
    {
        if (_flowControlDisabled)
        {
            return 0xFFFF;
        }

        int head = _head + 1;
        _head = head < _size ? head : 0;
        return (ushort)_head;
    }

    /// <summary>Something that should not happen: the command fails, and the log says why.</summary>
    public void OnUnexpectedException(CommandSlot slot, Exception exception)
    {
        TargetLog.UnexpectedException(_logger, exception, QueuePair.Id, QueueId, slot.CommandId);
        if (slot.Stage == SlotStage.Running)
        {
            slot.Fail(NvmeStatus.InternalError);
        }
        else if (slot.Stage != SlotStage.Idle)
        {
            QueuePair.Close(Abstractions.Lifecycle.TeardownCause.InternalError, exception);
        }
    }

    public void OnBackendException(CommandSlot slot, Exception exception) =>
        TargetLog.BackendException(_logger, exception, slot.Namespace!.Id, QueuePair.Id, slot.CommandId);

    public void OnUnexpectedCompletion(CommandSlot slot) => TargetLog.CompletedTwice(_logger, QueuePair.Id, QueueId, slot.CommandId);

    public void OnWrongLoan(CommandSlot slot) =>
        TargetLog.WrongLoan(_logger, slot.Namespace!.Id, slot.LentBytes, slot.Command.DataLength, slot.CommandId, QueuePair.Id);

    /// <summary>Slow path: an error completion.</summary>
    public void CountError(CommandSlot slot, NvmeStatus status)
    {
        Target.Metrics.CountError(status);
        Controller?.RecordError(slot, status);
    }

    public QueuePairInfo Describe() => new(
        QueuePair.Id,
        QueuePair.TransportType,
        QueuePair.Lifecycle.State,
        QueuePair.Lifecycle.References,
        QueuePair.Lifecycle.Cause,
        QueuePair.LocalEndPoint,
        QueuePair.RemoteEndPoint,
        Controller?.HostNqn ?? "",
        Controller?.SubsystemNqn,
        Controller?.Id,
        Controller == null ? null : QueueId,
        _size,
        Counters.Commands);

    private CommandSlot AddSlot(QueuePairCommand command)
    {
        var slot = new CommandSlot(this, command);
        command.HandlerState = slot;
        return slot;
    }
}
