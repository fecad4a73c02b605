using System.Collections.Concurrent;

namespace Nvmf.EventLoop.Internal;

/// <summary>
/// Work for the loop from any thread. The queue keeps its segments, so a steady flow of items allocates nothing; the loop is woken only
/// when it sleeps or is about to.
/// </summary>
internal sealed class Mailbox
{
    private const int Awake = 0;
    private const int Sleeping = 1;
    private readonly ConcurrentQueue<IThreadPoolWorkItem> _items = new();
    private int _state;

    public bool IsEmpty => _items.IsEmpty;

    /// <summary>Items to run in one batch: those there now, so that an item which posts itself again lets others run first.</summary>
    public int BatchSize => _items.IsEmpty ? 0 : Math.Min(_items.Count, 1024);

    public bool TryTake(out IThreadPoolWorkItem? item) => _items.TryDequeue(out item);

    /// <returns>True when the caller must wake the loop.</returns>
    public bool Post(IThreadPoolWorkItem item)
    {
        _items.Enqueue(item);

        // Either this fence makes the loop's sleep visible here, or the fence in TryFallAsleep makes the item visible there.
        Interlocked.MemoryBarrier();
        return Volatile.Read(ref _state) == Sleeping && Interlocked.Exchange(ref _state, Awake) == Sleeping;
    }

    /// <summary>Called by the loop before it blocks.</summary>
    /// <returns>False when there is work after all.</returns>
    public bool TryFallAsleep()
    {
        Interlocked.Exchange(ref _state, Sleeping);
        if (_items.IsEmpty)
        {
            return true;
        }

        Volatile.Write(ref _state, Awake);
        return false;
    }

    public void WakeUp() => Volatile.Write(ref _state, Awake);
}
