namespace RdmaSharp;

/// <summary>
/// A chain of send work requests in native memory, made once and used again and again:
/// <see cref="WorkRequestChain{TRequest}.Clear"/>, <see cref="Add"/>, <see cref="AddEntry"/>, post.
/// </summary>
/// <remarks>Not thread-safe. Allocates nothing after its making.</remarks>
public sealed unsafe class SendChain : WorkRequestChain<SendWorkRequest>
{
    /// <summary>Room for <paramref name="capacity"/> requests of up to <paramref name="entriesEach"/> entries.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is not above 0, or the number of entries is negative.</exception>
    public SendChain(int capacity, int entriesEach = 1)
        : base(capacity, entriesEach)
    {
    }

    /// <summary>Adds a request without entries.</summary>
    /// <param name="id">Comes back in the completion.</param>
    /// <param name="opcode">What to do.</param>
    /// <param name="flags">How to do it.</param>
    /// <returns>The request, for what else its opcode needs; valid until the chain is cleared or disposed.</returns>
    /// <exception cref="InvalidOperationException">The chain is full.</exception>
    /// <exception cref="ObjectDisposedException">The chain is disposed.</exception>
    public ref SendWorkRequest Add(ulong id, SendOpcode opcode, SendFlags flags = SendFlags.None)
    {
        SendWorkRequest* request = Append(out ScatterGatherEntry* entries);
        *request = new SendWorkRequest { Id = id, Opcode = opcode, Flags = flags, Entries = entries };
        if (Count > 1)
        {
            request[-1].Next = request;
        }

        return ref *request;
    }

    /// <summary>Adds a piece of memory to the last request.</summary>
    /// <exception cref="InvalidOperationException">There is no request, or it has no room for another.</exception>
    public void AddEntry(ScatterGatherEntry entry)
    {
        SendWorkRequest* last = Last();
        ThrowIfNoRoom(last->EntryCount);
        last->Entries[last->EntryCount++] = entry;
    }
}
