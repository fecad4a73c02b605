using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Target.Diagnostics;

namespace Nvmf.Target.Controllers;

/// <summary>CC and CSTS: enable, reset, shutdown.</summary>
internal sealed partial class Controller
{
    private const uint DefinedConfigurationBits = 0x00FF_FFF1;

    private ControllerState _state;
    private ControllerConfiguration _configuration;

    // RDY outlives the state that set it: it stays during reset (until the I/O queues are idle) and after a shutdown (until EN is cleared).
    private bool _ready;
    private long _stateSince;

    // Of the present or last shutdown.
    private ShutdownFlush? _flush;

    // Entered under the lock, logged outside of it: a log that is slow, or that asks for this controller, must not hold up Connects.
    private readonly ConcurrentQueue<ControllerState> _unloggedStates = [];

    public ControllerState State
    {
        get
        {
            lock (_lock)
            {
                return _state;
            }
        }
    }

    /// <summary>CC.</summary>
    public ControllerConfiguration Configuration
    {
        get
        {
            lock (_lock)
            {
                return _configuration;
            }
        }
    }

    /// <summary>CSTS.</summary>
    public ControllerStatus Status
    {
        get
        {
            lock (_lock)
            {
                return new ControllerStatus
                {
                    Ready = _ready,
                    Fatal = _state == ControllerState.Failed,
                    Shutdown = _state switch
                    {
                        ControllerState.ShuttingDown => ShutdownStatus.Occurring,
                        ControllerState.ShutDown => ShutdownStatus.Complete,
                        _ => ShutdownStatus.Normal,
                    },
                };
            }
        }
    }

    /// <summary>Commands other than fabrics commands are executed.</summary>
    public bool AcceptsCommands => State == ControllerState.Ready;

    /// <summary>A host wrote CC. On the admin queue's loop.</summary>
    public void Configure(uint value)
    {
        var wanted = new ControllerConfiguration(value & DefinedConfigurationBits);
        TeardownCause cause = TeardownCause.None;
        lock (_lock)
        {
            if (_state == ControllerState.Ended)
            {
                return;
            }

            ControllerConfiguration old = _configuration;
            _configuration = wanted;
            if (old.Enable && !wanted.Enable)
            {
                Enter(ControllerState.Resetting);
                cause = TeardownCause.ControllerDisabled;
            }
            else if (!old.Enable && wanted.Enable && _state is ControllerState.Disabled or ControllerState.ShutDown)
            {
                Enable();
            }

            if (old.ShutdownNotification == ShutdownNotification.None && wanted.ShutdownNotification != ShutdownNotification.None
                && _state is ControllerState.Ready or ControllerState.Disabled)
            {
                Enter(ControllerState.ShuttingDown);
                _flush = null;
                cause = TeardownCause.ControllerShutdown;
            }
        }

        LogStates();
        if (cause == TeardownCause.None)
        {
            return;
        }

        if (cause == TeardownCause.ControllerDisabled)
        {
            Events.Reset();
            Features.Reset();
            ReservationNotifications.Reset();
        }

        CloseInputOutputQueues(OpenQueues(), cause);

        ContinueReset();
    }

    /// <summary>The back ends were flushed for a shutdown; for one that a reset has overtaken, that is nothing to this one. Any thread.</summary>
    public void OnFlushed(ShutdownFlush flush)
    {
        lock (_lock)
        {
            if (_state == ControllerState.ShuttingDown && _flush == flush)
            {
                Enter(ControllerState.ShutDown);
            }
        }

        LogStates();
    }

    /// <summary>
    /// Goes on once no I/O queue has a request at a back end: a controller that says it has reset or shut down must not change the medium afterwards.
    /// </summary>
    private void ContinueReset()
    {
        ShutdownFlush? flush = null;
        lock (_lock)
        {
            if (_busyIoQueues != 0)
            {
                return;
            }

            if (_state == ControllerState.Resetting)
            {
                _ready = false;
                Enter(ControllerState.Disabled);

                // A host that did not wait for RDY = 0.
                if (_configuration.Enable)
                {
                    Enable();
                }
            }
            else if (_state == ControllerState.ShuttingDown && _flush == null)
            {
                flush = _flush = new ShutdownFlush(this);
            }
        }

        LogStates();
        flush?.Start();
    }

    private void Enable()
    {
        if (IsUsable(_configuration))
        {
            _ready = true;
            _lastActivity = Target.Time.GetTimestamp();
            Enter(ControllerState.Ready);
        }
        else
        {
            Enter(ControllerState.Failed);
        }
    }

    // A discovery controller has no I/O queues, and so no entry sizes.
    private bool IsUsable(ControllerConfiguration configuration) =>
        configuration is { CommandSetSelected: 0, MemoryPageSize: 0, ArbitrationMechanism: 0 }
        && (IsDiscovery || configuration is { SubmissionQueueEntrySize: 6, CompletionQueueEntrySize: 4 });

    private void Enter(ControllerState state)
    {
        _state = state;
        _stateSince = Target.Time.GetTimestamp();
        if (Target.Logger.IsEnabled(LogLevel.Debug))
        {
            _unloggedStates.Enqueue(state);
        }
    }

    private void LogStates()
    {
        while (_unloggedStates.TryDequeue(out ControllerState state))
        {
            TargetLog.ControllerState(Target.Logger, Id, SubsystemNqn, state);
        }
    }
}
