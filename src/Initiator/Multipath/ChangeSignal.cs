namespace Nvmf.Initiator.Multipath;

/// <summary>Wakes everybody who waits for the state of the paths to change. Take <see cref="Next"/> first, then look, then wait: nothing is missed.</summary>
internal sealed class ChangeSignal
{
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends with the next change. Any thread.</summary>
    public Task Next => Volatile.Read(ref _next).Task;

    /// <summary>Any thread.</summary>
    public void Raise() => Interlocked.Exchange(ref _next, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
}
