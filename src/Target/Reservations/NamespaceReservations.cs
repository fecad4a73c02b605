using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Target.Reservations;

/// <summary>
/// The reservation state of one namespace: lives as long as the namespace, whatever becomes of controllers, and longer with a file. Any thread.
/// </summary>
/// <remarks>
/// One change at a time. It is published, with a full fence, before the command that made it completes: a command that its host, or another, sends after that is judged
/// by it. With a file the change is on the medium before it is published.
/// </remarks>
internal sealed class NamespaceReservations
{
    private readonly Lock _lock = new();
    private readonly ReservationFile? _file;
    private ReservationState _state;
    private ReservationGuard? _guard;
    private Task _last = Task.CompletedTask;
    private PreemptedCommands _preempted = PreemptedCommands.None;

    public NamespaceReservations(int maxRegistrants, ReservationFile? file)
    {
        _file = file;
        _state = file?.Loaded ?? ReservationState.Empty;
        _guard = GuardOf(_state);
        Limits = new ReservationLimits(maxRegistrants, file != null);
    }

    public ReservationLimits Limits { get; }

    /// <summary>RESCAP.</summary>
    public ReservationCapabilities Capabilities =>
        ReservationCapabilities.AllTypes | ReservationCapabilities.IgnoreExistingKey
        | (Limits.CanPersist ? ReservationCapabilities.PersistThroughPowerLoss : ReservationCapabilities.None);

    /// <summary>Null while no reservation is held: all that an I/O command looks at.</summary>
    public ReservationGuard? Guard => Volatile.Read(ref _guard);

    public ReservationState State => Volatile.Read(ref _state);

    /// <summary>Every change is written to a file, so it takes the time of the medium.</summary>
    public bool IsPersistent => _file != null;

    /// <summary>Makes a change, when there is no file.</summary>
    public ReservationOutcome Apply(Func<ReservationState, ReservationOutcome> change)
    {
        lock (_lock)
        {
            ReservationOutcome outcome = change(_state);
            Publish(outcome.State);
            return outcome;
        }
    }

    /// <summary>Makes a change and writes it down, after those that were asked for before.</summary>
    /// <exception cref="IOException">It could not be written; nothing has changed.</exception>
    public Task<ReservationOutcome> ApplyAsync(Func<ReservationState, ReservationOutcome> change)
    {
        lock (_lock)
        {
            Task<ReservationOutcome> next = ApplyAfterAsync(_last, change);
            _last = next;
            return next;
        }
    }

    /// <summary>Commands that this and earlier preemptions are ending: a preemption that is sent again waits for those of the first.</summary>
    public PreemptedCommands Await(PreemptedCommands commands)
    {
        lock (_lock)
        {
            return _preempted = _preempted.With(commands);
        }
    }

    private async Task<ReservationOutcome> ApplyAfterAsync(Task last, Func<ReservationState, ReservationOutcome> change)
    {
        // How the one before ended is told to those who asked for it.
        await last.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        ReservationState before = State;
        ReservationOutcome outcome = change(before);

        // A state that is not to outlive the target is written once, so that no older one does.
        if (outcome.State != before && (before.PersistsThroughPowerLoss || outcome.State.PersistsThroughPowerLoss))
        {
            await Task.Run(() => _file!.Write(outcome.State)).ConfigureAwait(false);
        }

        Publish(outcome.State);
        return outcome;
    }

    private void Publish(ReservationState state)
    {
        if (ReferenceEquals(state, _state))
        {
            return;
        }

        Volatile.Write(ref _state, state);
        Interlocked.Exchange(ref _guard, GuardOf(state));
    }

    private static ReservationGuard? GuardOf(ReservationState state) => state.Type == ReservationType.None ? null : new ReservationGuard(state);
}
