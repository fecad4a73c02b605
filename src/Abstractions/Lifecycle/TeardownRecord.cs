namespace Nvmf.Abstractions.Lifecycle;

/// <summary>Why and when a teardown began. Made by the first cause; published as a whole.</summary>
internal sealed class TeardownRecord(TeardownCause cause, Exception? error, long startedAt)
{
    /// <summary>A storm of causes is no more instructive than its beginning.</summary>
    private const int MaxLaterCauses = 16;

    private readonly Lock _lock = new();
    private readonly List<TeardownCause> _laterCauses = [];
    private Exception? _error = error;

    public TeardownCause Cause => cause;

    public long StartedAt => startedAt;

    public Exception? Error => Volatile.Read(ref _error);

    public IReadOnlyList<TeardownCause> LaterCauses
    {
        get
        {
            lock (_lock)
            {
                return [.. _laterCauses];
            }
        }
    }

    public void AddLater(TeardownCause later)
    {
        lock (_lock)
        {
            if (_laterCauses.Count < MaxLaterCauses)
            {
                _laterCauses.Add(later);
            }
        }
    }

    /// <summary>A stage callback failed: reported unless the first cause came with an error of its own.</summary>
    public void AddFailure(Exception exception)
    {
        Interlocked.CompareExchange(ref _error, exception, null);
        AddLater(TeardownCause.InternalError);
    }
}
