namespace RdmaSharp;

/// <summary>
/// A chain of receive work requests in native memory, made once and used again and again:
/// <see cref="WorkRequestChain{TRequest}.Clear"/>, <see cref="Add"/>, <see cref="AddEntry"/>, post.
/// </summary>
/// <remarks>Not thread-safe. Allocates nothing after its making.</remarks>
public sealed unsafe class ReceiveChain : WorkRequestChain<ReceiveWorkRequest>
{
    /// <summary>Room for <paramref name="capacity"/> requests of up to <paramref name="entriesEach"/> entries.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is not above 0, or the number of entries is negative.</exception>
    public ReceiveChain(int capacity, int entriesEach = 1)
        : base(capacity, entriesEach)
    {
    }

    /// <summary>Adds a request without entries.</summary>
    /// <param name="id">Comes back in the completion.</param>
    /// <returns>The request; valid until the chain is cleared or disposed.</returns>
    /// <exception cref="InvalidOperationException">The chain is full.</exception>
    /// <exception cref="ObjectDisposedException">The chain is disposed.</exception>
    public ref ReceiveWorkRequest Add(ulong id)
    {
        ReceiveWorkRequest* request = Append(out ScatterGatherEntry* entries);
        *request = new ReceiveWorkRequest { Id = id, Entries = entries };
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
        ReceiveWorkRequest* last = Last();
        ThrowIfNoRoom(last->EntryCount);
        last->Entries[last->EntryCount++] = entry;
    }
}
