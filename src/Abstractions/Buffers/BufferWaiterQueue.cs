namespace Nvmf.Abstractions.Buffers;

/// <summary>First in, first out, with removal from the middle; linked through the waiters. Used under the pool's lock.</summary>
internal sealed class BufferWaiterQueue
{
    private BufferWaiter? _last;

    public BufferWaiter? First { get; private set; }

    public int Count { get; private set; }

    public void Add(BufferWaiter waiter)
    {
        waiter.Previous = _last;
        if (_last is null)
        {
            First = waiter;
        }
        else
        {
            _last.Next = waiter;
        }

        _last = waiter;
        Count++;
    }

    public void Remove(BufferWaiter waiter)
    {
        if (waiter.Previous is null)
        {
            First = waiter.Next;
        }
        else
        {
            waiter.Previous.Next = waiter.Next;
        }

        if (waiter.Next is null)
        {
            _last = waiter.Previous;
        }
        else
        {
            waiter.Next.Previous = waiter.Previous;
        }

        waiter.Next = null;
        waiter.Previous = null;
        waiter.WaitsFor = null;
        Count--;
    }
}
