namespace Nvmf.Target.Queues;

/// <summary>
/// Visits one queue after a namespace left the table, and stays until the queue has no command of that namespace. Or after the queue's host was preempted: then it aborts the
/// commands that are there, and stays until they have ended.
/// </summary>
internal sealed class NamespaceFence(Namespace ns, bool preempts = false)
{
    private readonly TaskCompletionSource _passed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly TaskCompletionSource _harmless = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Namespace Namespace { get; } = ns;

    /// <summary>Aborts commands, and waits for these alone.</summary>
    public bool Preempts => preempts;

    public Task Passed => _passed.Task;

    /// <summary>No command that the fence waits for can touch the medium any more.</summary>
    public Task Harmless => _harmless.Task;

    public void Pass()
    {
        BecomeHarmless();
        _passed.TrySetResult();
    }

    public void BecomeHarmless() => _harmless.TrySetResult();

    /// <summary>Sends a fence to a queue.</summary>
    public static Task SendAsync(TargetQueue queue, Namespace ns)
    {
        var fence = new NamespaceFence(ns);
        queue.Fences.Send(fence);
        return fence.Passed;
    }
}
