namespace Nvmf.Transport.Tcp.QueuePairs;

/// <summary>
/// Ends of responses in the send stream, so that responses the kernel has not even accepted count as commands still outstanding. A host
/// cannot have seen them, so it must not have sent commands in their place; without this count a host that sends and never reads would make the send queue
/// grow without bound.
/// </summary>
internal sealed class ResponseLedger
{
    private long[] _ends = new long[1];
    private int _head;
    private long _appended;

    /// <summary>Responses that were not accepted when last asked: an upper bound.</summary>
    public int Count { get; private set; }

    /// <summary>The queue has this many entries, so at most as many responses can wait.</summary>
    public void Resize(int queueSize)
    {
        // Only before the second command: at most the Connect response can be in it.
        long last = Count == 0 ? 0 : _ends[_head];
        _ends = new long[queueSize];
        _head = 0;
        _ends[0] = last;
    }

    public void AddBytes(int bytes) => _appended += bytes;

    /// <summary>A response ends here. There is room, since commands and waiting responses together never exceed the queue size.</summary>
    public void AddResponse()
    {
        int index = _head + Count++;
        _ends[index < _ends.Length ? index : index - _ends.Length] = _appended;
    }

    /// <summary>Takes out what the kernel accepted.</summary>
    public void Update(long unsentBytes)
    {
        long accepted = _appended - unsentBytes;
        while (Count > 0 && _ends[_head] <= accepted)
        {
            _head = _head + 1 < _ends.Length ? _head + 1 : 0;
            Count--;
        }
    }
}
