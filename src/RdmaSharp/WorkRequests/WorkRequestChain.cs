using System.Runtime.InteropServices;

namespace RdmaSharp;

/// <summary>Work requests and their entries in native memory: what <see cref="SendChain"/> and <see cref="ReceiveChain"/> have in common.</summary>
/// <typeparam name="TRequest">The native work request.</typeparam>
/// <remarks>Not thread-safe. Allocates nothing after its making.</remarks>
public abstract unsafe class WorkRequestChain<TRequest> : IDisposable
    where TRequest : unmanaged
{
    private readonly int _entriesEach;
    private TRequest* _requests;
    private ScatterGatherEntry* _entries;

    private protected WorkRequestChain(int capacity, int entriesEach)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        ArgumentOutOfRangeException.ThrowIfNegative(entriesEach);
        Capacity = capacity;
        _entriesEach = entriesEach;
        _requests = (TRequest*)NativeMemory.AllocZeroed((nuint)capacity, (nuint)sizeof(TRequest));
        _entries = (ScatterGatherEntry*)NativeMemory.AllocZeroed((nuint)Math.Max(1L, (long)capacity * entriesEach), (nuint)sizeof(ScatterGatherEntry));
    }

    /// <summary>Frees the memory.</summary>
    ~WorkRequestChain() => Free();

    /// <summary>How many requests fit.</summary>
    public int Capacity { get; }

    /// <summary>How many requests are in it.</summary>
    public int Count { get; private set; }

    /// <summary>The first request, valid until the chain is disposed; null when it is empty.</summary>
    public TRequest* First => Count == 0 ? null : _requests;

    /// <summary>The requests, valid until the chain is disposed; their links are kept by this class.</summary>
    public Span<TRequest> Requests => new(_requests, Count);

    /// <summary>Takes all requests out.</summary>
    public void Clear() => Count = 0;

    /// <summary>Frees the memory: no post may be under way.</summary>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    /// <summary>The place of one more request, with what was last written there, and that of its entries. The request before it, if there is one, has to be linked to it.</summary>
    private protected TRequest* Append(out ScatterGatherEntry* entries)
    {
        ObjectDisposedException.ThrowIf(_requests is null, this);
        if (Count == Capacity)
        {
            throw new InvalidOperationException($"The chain is full: it has room for {Capacity} requests.");
        }

        entries = _entries + ((long)Count * _entriesEach);
        return _requests + Count++;
    }

    private protected TRequest* Last() =>
        Count == 0 ? throw new InvalidOperationException("The chain is empty.") : _requests + (Count - 1);

    private protected void ThrowIfNoRoom(int entryCount)
    {
        if (entryCount == _entriesEach)
        {
            throw new InvalidOperationException($"The request has room for {_entriesEach} entries.");
        }
    }

    private void Free()
    {
        NativeMemory.Free(_requests);
        NativeMemory.Free(_entries);
        _requests = null;
        _entries = null;
        Count = 0;
    }
}
