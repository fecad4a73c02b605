namespace Nvmf.EventLoop.Internal;

/// <summary>
/// A binary heap of timers. Moving a timer away leaves its place in the heap alone (its key only says "not before"), the place is
/// corrected when it reaches the top.
/// </summary>
internal sealed class TimerHeap
{
    private LoopTimer[] _heap = new LoopTimer[16];
    private int _count;

    public int Count => _count;

    /// <summary>Earliest time at which anything can be due; <see cref="LoopTimer.Never"/> when empty.</summary>
    public long NextKey => _count == 0 ? LoopTimer.Never : _heap[0].HeapKey;

    public void Schedule(LoopTimer timer, long due)
    {
        timer.Due = due;
        if (timer.HeapIndex < 0)
        {
            if (_count == _heap.Length)
            {
                Array.Resize(ref _heap, _count * 2);
            }

            timer.HeapKey = due;
            MoveUp(timer, _count++);
        }
        else if (due < timer.HeapKey)
        {
            timer.HeapKey = due;
            MoveUp(timer, timer.HeapIndex);
        }
    }

    public void Remove(LoopTimer timer)
    {
        timer.Due = LoopTimer.Never;
        int index = timer.HeapIndex;
        if (index < 0)
        {
            return;
        }

        timer.HeapIndex = -1;
        LoopTimer last = _heap[--_count];
        _heap[_count] = null!;
        if (last == timer)
        {
            return;
        }

        MoveDown(last, index);
        if (last.HeapIndex == index)
        {
            MoveUp(last, index);
        }
    }

    /// <summary>Takes out one timer that is due, disarmed.</summary>
    public LoopTimer? TakeDue(long now)
    {
        while (_count > 0 && _heap[0].HeapKey <= now)
        {
            LoopTimer top = _heap[0];
            if (top.Due <= now)
            {
                Remove(top);
                return top;
            }

            top.HeapKey = top.Due;
            MoveDown(top, 0);
        }

        return null;
    }

    private void MoveUp(LoopTimer timer, int index)
    {
        while (index > 0)
        {
            int parent = (index - 1) / 2;
            if (_heap[parent].HeapKey <= timer.HeapKey)
            {
                break;
            }

            Place(_heap[parent], index);
            index = parent;
        }

        Place(timer, index);
    }

    private void MoveDown(LoopTimer timer, int index)
    {
        while (true)
        {
            int child = 2 * index + 1;
            if (child >= _count)
            {
                break;
            }

            if (child + 1 < _count && _heap[child + 1].HeapKey < _heap[child].HeapKey)
            {
                child++;
            }

            if (timer.HeapKey <= _heap[child].HeapKey)
            {
                break;
            }

            Place(_heap[child], index);
            index = child;
        }

        Place(timer, index);
    }

    private void Place(LoopTimer timer, int index)
    {
        _heap[index] = timer;
        timer.HeapIndex = index;
    }
}
