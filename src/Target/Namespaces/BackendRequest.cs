using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Target.Namespaces;

/// <summary>A request to a back end. Owned and reused by the submitter; nothing is allocated per request.</summary>
public abstract class BackendRequest
{
    // Link and progress for the queues of this library's back ends: the request is in at most one of them.
    internal BackendRequest? NextInQueue;
    internal long BytesDone;

    private BufferLease[] _lent = [];
    private int _lentCount;

    /// <summary>What to do.</summary>
    public BackendOperation Operation { get; set; }

    /// <summary>First logical block.</summary>
    public ulong StartBlock { get; set; }

    /// <summary>Number of logical blocks; 0 for <see cref="BackendOperation.Flush"/>.</summary>
    public ulong BlockCount { get; set; }

    /// <summary>
    /// Exactly the blocks' bytes for reads and writes, twice as many for <see cref="BackendOperation.CompareAndWrite"/>, empty otherwise. The submitter holds a reference until the request is complete. A read without
    /// data asks to be answered with <see cref="Lend"/>; only back ends that say <see cref="NamespaceBackend.LendsMemory"/> get one.
    /// </summary>
    public BufferLease Data { get; set; }

    /// <summary>The write (or <see cref="BackendOperation.WriteZeroes"/>) must be durable before it completes (FUA).</summary>
    public bool ForceUnitAccess { get; set; }

    /// <summary>A <see cref="BackendOperation.WriteZeroes"/> may deallocate (DEAC).</summary>
    public bool Deallocate { get; set; }

    /// <summary>Ends a request for which <see cref="NamespaceBackend.Submit"/> returned false. Any thread, once; must not block or throw.</summary>
    public abstract void Complete(NvmeStatus status);

    /// <summary>Bytes lent so far.</summary>
    public long LentBytes { get; private set; }

    /// <summary>The pieces lent so far, in order; each with a reference that the submitter gives back or hands on.</summary>
    protected ReadOnlySpan<BufferLease> Lent => _lent.AsSpan(0, _lentCount);

    /// <summary>
    /// Answers a read that came without <see cref="Data"/> with memory of the back end's own, piece by piece in the order of the blocks, before the request
    /// is done. Takes over a reference to <paramref name="piece"/>, whose bytes must not change until all references but the back end's are back:
    /// that may be long after the request is complete, and after the back end is disposed.
    /// </summary>
    public void Lend(BufferLease piece)
    {
        if (_lentCount == _lent.Length)
        {
            Array.Resize(ref _lent, Math.Max(1, _lentCount * 4));
        }

        _lent[_lentCount++] = piece;
        LentBytes += piece.Length;
    }

    /// <summary>Their references were handed on.</summary>
    protected void ForgetLent()
    {
        _lent.AsSpan(0, _lentCount).Clear();
        _lentCount = 0;
        LentBytes = 0;
    }

    /// <summary>Gives their references back.</summary>
    protected void ReleaseLent()
    {
        foreach (BufferLease piece in Lent)
        {
            piece.Release();
        }

        ForgetLent();
    }

    /// <summary>
    /// Room for the back end's own bookkeeping (a queue node, a delayed operation): made by the back end, kept while the request is reused.
    /// A request may go to different back ends one after the other: whoever finds somebody else's state here replaces it.
    /// </summary>
    public object? BackendState { get; set; }
}
