using System.Collections.Concurrent;

namespace Nvmf.Initiator.Internal;

/// <summary>Objects between uses. Bounded: a burst leaves no more than that behind. Any thread.</summary>
internal sealed class ReusePool<T>(Func<ReusePool<T>, T> create)
    where T : class
{
    private const int Limit = 4096;

    private readonly ConcurrentQueue<T> _free = new();
    private int _count;

    public T Rent()
    {
        if (!_free.TryDequeue(out var item))
        {
            return create(this);
        }

        Interlocked.Decrement(ref _count);
        return item;
    }

    public void Return(T item)
    {
        if (Interlocked.Increment(ref _count) <= Limit)
        {
            _free.Enqueue(item);
        }
        else
        {
            Interlocked.Decrement(ref _count);
        }
    }
}
