namespace Nvmf.Initiator.Internal;

/// <summary>First in, first out, linked through the requests themselves. Not thread-safe.</summary>
internal struct RequestList
{
    private NvmeRequest? _head;
    private NvmeRequest? _tail;

    public readonly bool IsEmpty => _head is null;

    public readonly NvmeRequest? First => _head;

    public void Append(NvmeRequest request)
    {
        request.Next = null;
        if (_tail is null)
        {
            _head = request;
        }
        else
        {
            _tail.Next = request;
        }

        _tail = request;
    }

    public NvmeRequest? TakeFirst()
    {
        var first = _head;
        if (first is null)
        {
            return null;
        }

        _head = first.Next;
        if (_head is null)
        {
            _tail = null;
        }

        first.Next = null;
        return first;
    }

    /// <summary>Takes one out of the middle; linear, for cancellation only.</summary>
    public bool Remove(NvmeRequest request)
    {
        NvmeRequest? previous = null;
        for (var current = _head; current is not null; previous = current, current = current.Next)
        {
            if (current != request)
            {
                continue;
            }

            if (previous is null)
            {
                _head = current.Next;
            }
            else
            {
                previous.Next = current.Next;
            }

            if (_tail == current)
            {
                _tail = previous;
            }

            current.Next = null;
            return true;
        }

        return false;
    }

    /// <summary>Turns a chain (last in, first out) round.</summary>
    public static NvmeRequest? Reverse(NvmeRequest? chain)
    {
        NvmeRequest? reversed = null;
        while (chain is not null)
        {
            var next = chain.Next;
            chain.Next = reversed;
            reversed = chain;
            chain = next;
        }

        return reversed;
    }
}
