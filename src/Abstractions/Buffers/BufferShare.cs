namespace Nvmf.Abstractions.Buffers;

/// <summary>
/// What one user of a pool, a queue pair for example, holds of it. A user that has nothing gets what it asks for if as much stays free; one that has memory already gets more
/// only while sixteen times as much as it then holds stays free. So one alone may take a seventeenth of the pool, each later one less, and a peer that asks for much and never lets go of
/// it does not keep others from the memory they need. Made by <see cref="BufferPool.CreateShare"/>.
/// </summary>
/// <remarks>
/// <code>
///              ┌──── leaves enough free ──────────────► charged ──► block free: rented ─────────────────────┐
/// request ─────┤                                          ▲    └──► none: waits in the pool's queue ──► rented ──► last reference gone: not charged
///              └──── otherwise: waits in the share ───────┘ when somebody's charge is taken back
/// </code>
/// Any thread. A lease counts until its last reference is gone, wherever that is: in a send queue, at the back end or in the kernel.
/// </remarks>
public sealed class BufferShare
{
    /// <summary>Bytes charged: of blocks rented, and of requests in the pool's queue. Changed by interlocked operations.</summary>
    internal long Held;

    /// <summary>Requests that would be too much for now. Under the pool's lock.</summary>
    internal readonly BufferWaiterQueue Waiting = new();

    internal BufferShare(BufferPool pool) => Pool = pool;

    /// <summary>Bytes of blocks that were rented with this share and still have a reference, and of requests whose turn is next.</summary>
    public long HeldBytes => Interlocked.Read(ref Held);

    internal BufferPool Pool { get; }
}
