using System.Diagnostics;
using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Target.Queues;

/// <summary>
/// What one kind of command does. Executors have no state, one instance serves every queue; what a command needs to remember is in
/// its <see cref="CommandSlot"/>. Every call comes on the queue pair's loop and ends with the command completed, dropped or handed to somebody
/// who brings it back.
/// </summary>
internal abstract class CommandExecutor
{
    /// <summary>
    /// Checks and begins. Called again from the start after a turn for a response buffer, because a namespace may have gone meanwhile.
    /// </summary>
    public abstract void Start(CommandSlot slot, ref readonly SubmissionQueueEntry entry);

    /// <summary><see cref="CommandSlot.HostData"/> is there, and <see cref="CommandSlot.Scratch"/> if it was asked for.</summary>
    public virtual void OnHostData(CommandSlot slot, ref readonly SubmissionQueueEntry entry) => throw new UnreachableException();

    /// <summary>The host's data did not arrive whole.</summary>
    public virtual void OnHostDataFailed(CommandSlot slot, NvmeStatus status) => slot.Fail(status);

    /// <summary>The back end answered a request that <see cref="CommandSlot.Submit"/> did not end at once.</summary>
    public virtual void OnBackendCompleted(CommandSlot slot, NvmeStatus status) => throw new UnreachableException();

    /// <summary>The loop is ours again after <see cref="CommandSlot.Yield"/> or <see cref="SlotStage.AtOtherQueue"/>.</summary>
    public virtual void OnResumed(CommandSlot slot) => throw new UnreachableException();
}
