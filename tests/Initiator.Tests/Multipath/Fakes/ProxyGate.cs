namespace Nvmf.Initiator.Tests.Multipath.Fakes;

/// <summary>One direction of a proxy: open, shut, or open for a number of bytes more.</summary>
internal sealed class ProxyGate
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _budget = long.MaxValue;
    private long _waiting;

    /// <summary>Added to every piece.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>True: bytes are read from their sender and kept when the gate is shut. False: they are left to fill his window.</summary>
    public bool Swallows { get; set; }

    /// <summary>Connections that would pass something on, and cannot.</summary>
    public long Waiting => Interlocked.Read(ref _waiting);

    public void Shut() => Set(0);

    public void Open() => Set(long.MaxValue);

    /// <summary>Lets this many bytes through, of all connections together, and shuts.</summary>
    public void Set(long budget)
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            _budget = budget;
            changed = _changed;
            _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.TrySetResult();
    }

    /// <returns>How many of <paramref name="wanted"/> bytes may pass; at least one.</returns>
    public async Task<int> PassAsync(int wanted, Task end)
    {
        Interlocked.Increment(ref _waiting);
        try
        {
            while (true)
            {
                Task changed;
                lock (_lock)
                {
                    if (_budget > 0 || end.IsCompleted)
                    {
                        var granted = end.IsCompleted ? wanted : (int)Math.Min(wanted, _budget);
                        if (_budget != long.MaxValue)
                        {
                            _budget = Math.Max(0, _budget - granted);
                        }

                        return granted;
                    }

                    changed = _changed.Task;
                }

                await Task.WhenAny(changed, end);
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }
}
