using Nvmf.Abstractions.Buffers;
using Nvmf.EventLoop;

namespace Nvmf.Transport.Tcp.Internal;

/// <summary>
/// What the connections of one loop receive into. Bytes of it can be lent to whoever wants to keep them: then the next batch goes into another block. There
/// are few, so that a little data kept for long cannot hold much memory; when all are lent out, or nobody has asked for a loan yet, it is the loop's own buffer,
/// from which nothing is lent.
/// </summary>
internal sealed class ReceiveBlocks(EventLoopThread loop) : IDisposable
{
    /// <summary>Blocks of one loop, the one in use included.</summary>
    public const int Count = 4;

    private const int LargestBlock = 1 << 20;

    private readonly int _length = Math.Min(loop.ReceiveBuffer.Length, LargestBlock);
    private BufferPool? _pool;
    private BufferLease _current;

    /// <summary>Blocks that somebody refers to: those lent from, and the one in use. Any thread.</summary>
    public long Rented => Volatile.Read(ref _pool)?.Statistics.RentedBlocks ?? 0;

    /// <summary>Room for the next batch, which begins with <paramref name="heldBack"/> bytes of the last; what was received before and lent stays as it is.</summary>
    public Span<byte> Next(int heldBack)
    {
        if (_pool is null || heldBack > _length)
        {
            return loop.ReceiveBuffer;
        }

        if (!_current.IsEmpty)
        {
            if (!_current.IsShared)
            {
                return _current.Span;
            }

            _current.Release();
            _current = default;
        }

        return _pool.TryRent(_length, BufferPriority.InputOutput, out _current) ? _current.Span : loop.ReceiveBuffer;
    }

    /// <summary>Adds a reference to bytes of the present batch.</summary>
    /// <returns>False when they are not in a block that can be lent from.</returns>
    public unsafe bool TryLend(ReadOnlySpan<byte> received, out BufferLease lease)
    {
        lease = default;
        if (_current.IsEmpty)
        {
            _pool ??= MakePool();
            return false;
        }

        fixed (byte* bytes = received)
        {
            long offset = bytes - _current.Pointer;
            if (offset < 0 || offset + received.Length > _length)
            {
                return false;
            }

            lease = _current.Slice((int)offset, received.Length).Retain();
            return true;
        }
    }

    /// <summary>The loop has ended. Bytes still lent stay valid.</summary>
    public void Dispose()
    {
        _current.Release();
        _current = default;
        _pool?.Dispose();
    }

    private BufferPool MakePool() => new(new BufferPoolOptions
    {
        LimitInBytes = (long)Count * _length,
        ReserveInBytes = 0,
#if DEBUG
        Poison = true,
#endif
    });
}
