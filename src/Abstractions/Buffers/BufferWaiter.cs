namespace Nvmf.Abstractions.Buffers;

/// <summary>A place in a pool's queue: derive, embed one per command slot, reuse. Nothing is allocated while waiting.</summary>
public abstract class BufferWaiter
{
    // Membership in a queue; all of it belongs to the pool's lock.
    internal BufferPool? WaitsFor;
    internal BufferWaiter? Next;
    internal BufferWaiter? Previous;
    internal int Length;
    internal BufferPriority Priority;
    internal BufferShare? Share;
    internal bool WaitsInShare;

    /// <summary>
    /// Called once, on the thread that released memory (or withdrew a waiter in front of this one), with a lease whose one reference is
    /// the waiter's. No lock is held. Must not block and must not throw; typically posts itself to its event loop. The waiter
    /// may be used again from inside this call.
    /// </summary>
    protected internal abstract void OnRented(BufferLease lease);
}
