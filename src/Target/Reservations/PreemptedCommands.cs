using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Queues;

namespace Nvmf.Target.Reservations;

/// <summary>Commands of preempted hosts on their way to their end.</summary>
/// <param name="Ended">All have ended.</param>
/// <param name="Harmless">None of them can touch the medium any more; what has not ended waits for its host.</param>
internal sealed record PreemptedCommands(Task Ended, Task Harmless)
{
    public static PreemptedCommands None { get; } = new(Task.CompletedTask, Task.CompletedTask);

    /// <summary>Aborts what the hosts have under way for the namespace, on all of their controllers. The state that stops new commands must be published.</summary>
    public static PreemptedCommands Abort(Subsystem subsystem, Namespace ns, IReadOnlyCollection<Identifier128> hosts)
    {
        if (hosts.Count == 0)
        {
            return None;
        }

        var set = hosts.ToHashSet();
        PreemptedCommands[] all =
        [
            .. subsystem.ControllerTable.Snapshot()
                .Where(controller => set.Contains(controller.HostId))
                .SelectMany(static controller => controller.IoQueues())
                .Select(queue => Abort(queue, ns)),
        ];
        return new PreemptedCommands(Task.WhenAll(all.Select(static one => one.Ended)), Task.WhenAll(all.Select(static one => one.Harmless)));
    }

    /// <summary>Both.</summary>
    public PreemptedCommands With(PreemptedCommands other) =>
        Ended.IsCompleted ? other : new PreemptedCommands(Task.WhenAll(Ended, other.Ended), Task.WhenAll(Harmless, other.Harmless));

    /// <summary>Waits for the end, but not for ever.</summary>
    /// <returns>False when a command may still touch the medium.</returns>
    public async Task<bool> WaitAsync(TimeSpan atMost, TimeProvider time)
    {
        try
        {
            await Ended.WaitAsync(atMost, time).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return Harmless.IsCompleted;
        }
    }

    private static PreemptedCommands Abort(TargetQueue queue, Namespace ns)
    {
        var fence = new NamespaceFence(ns, preempts: true);
        queue.Fences.Send(fence);
        return new PreemptedCommands(AfterAsync(fence.Passed, queue), AfterAsync(fence.Harmless, queue));
    }

    private static async Task AfterAsync(Task fence, TargetQueue queue)
    {
        await fence.ConfigureAwait(false);

        // A queue pair that was destroyed left its requests to the back end, and lets every fence pass.
        if (queue.IsClosed)
        {
            await queue.Idle.ConfigureAwait(false);
        }
    }
}
