namespace Nvmf.Target.Queues;

/// <summary>Visits one queue after a namespace left the table, and stays until the queue has no command of that namespace.</summary>
internal sealed class NamespaceFence(Namespace ns)
{
    private readonly TaskCompletionSource _passed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Namespace Namespace { get; } = ns;

    public Task Passed => _passed.Task;

    public void Pass() => _passed.TrySetResult();

    /// <summary>Sends a fence to a queue.</summary>
    public static Task SendAsync(TargetQueue queue, Namespace ns)
    {
        var fence = new NamespaceFence(ns);
        queue.Fences.Send(fence);
        return fence.Passed;
    }
}
