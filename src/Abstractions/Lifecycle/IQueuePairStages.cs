namespace Nvmf.Abstractions.Lifecycle;

/// <summary>
/// What a transport does at each stage. Every method is called exactly once at most, in the order below, one at a time, on the thread
/// that caused the step (any thread, a timer's included): an implementation posts to its own event loop. The queue pair cannot be
/// destroyed under a call, and leaves the stage before the call has returned only if its deadline passes or somebody aborts; so a stage
/// is the place to acquire the references that its work needs. No lock is held. An exception that escapes is reported in
/// <see cref="DrainReport.Error"/> and aborts the queue pair.
/// </summary>
public interface IQueuePairStages
{
    /// <summary>
    /// Stop accepting commands and ask the handler to complete or drop those that would never end (AERs). Transmissions, posted
    /// receives, events and registrations can be acquired.
    /// </summary>
    void OnQuiescing(TeardownCause cause);

    /// <summary>
    /// All commands are done or T1 passed: flush and close gracefully. The stage ends when no transmission and no posted receive is
    /// out: acquire a transmission here for work that has none (a FIN to send) and release it when it is done. Not called when an
    /// abort overtook it.
    /// </summary>
    void OnDraining();

    /// <summary>
    /// T2 passed, or a graceful end is out of reach: force the proof. Only events and registrations can be acquired. Called also when
    /// nothing is on the wire, so that the peer sees an abort.
    /// </summary>
    void OnAborting();

    /// <summary>
    /// T3 passed with transmissions or posted receives still out: quarantine what they hold (<see cref="Buffers.BufferLease.Quarantine"/>), report it through
    /// <see cref="QueuePairLifecycle.AddQuarantined"/>. Acquire an event here to do it on the event loop. When the call has returned the queue pair is
    /// closed; releases of the abandoned references remain legal and have no effect but on the counts.
    /// </summary>
    void OnAbandoned();

    /// <summary>The last reference is gone: destroy. Nothing else ever destroys. Not concurrent with any other call.</summary>
    void OnDestroy();

    /// <summary>
    /// Right after <see cref="OnDestroy"/>: time to tell those who use the queue pair, on the event loop for one. <see cref="QueuePairLifecycle.Completion"/> ends
    /// when the task has, so that whoever awaits it finds them told. By default there is nobody to tell.
    /// </summary>
    Task OnDestroyed(DrainReport report) => Task.CompletedTask;
}
