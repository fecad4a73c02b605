using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;

namespace Nvmf.Transport.Tcp.Internal;

/// <summary>
/// What the kernel may still read: the leases of every zero-copy send whose notification has not come (invariant I1). No system
/// calls in here.
/// </summary>
/// <remarks>
/// The kernel numbers successful zero-copy sends of a socket with consecutive 32-bit indices that wrap, and reports them as ranges: several
/// at once, possibly out of order or of sends long forgotten. Pieces are given back in the order of the sends, so a lease that several sends carry
/// parts of is free, and its owner told, once the last of them is; a notification that overtakes others has its leases wait.
/// </remarks>
internal sealed class ZeroCopyLedger(uint firstIndex = 0)
{
    private readonly Ring<SendRecord> _sends = new();
    private readonly Ring<LedgerPiece> _pieces = new();
    private uint _firstIndex = firstIndex;
    private int _completed;
    private long _unknownIndices;

    /// <summary>True when the kernel references nothing of ours.</summary>
    public bool IsEmpty => _sends.Count == 0;

    /// <summary>Sends without a notification.</summary>
    public int Outstanding => _sends.Count - _completed;

    /// <summary>Bytes of all pieces not yet given back.</summary>
    public long Bytes { get; private set; }


    /// <summary>A zero-copy send succeeded and has consumed the next index.</summary>
    public void BeginSend() => _sends.Add(default);

    /// <summary>Puts a lease, with the caller's reference, under the latest send.</summary>
    public void Add(BufferLease lease, int bytes, IOwnedMemorySendOwner? owner)
    {
        _pieces.Add(new LedgerPiece(lease, bytes, owner));
        _sends.Last.Pieces++;
        Bytes += bytes;
    }

    /// <summary>Notes that the sends <paramref name="low"/> to <paramref name="high"/>, both included, are off the wire.</summary>
    public void Complete(uint low, uint high)
    {
        long length = (long)(high - low) + 1;

        // Where the range begins, counted from the oldest send: negative when it begins before that.
        int start = (int)(low - _firstIndex);
        long end = start + length;
        if (length > int.MaxValue || end <= 0 || start >= _sends.Count)
        {
            // Foreign altogether. No socket has half of the number space outstanding.
            _unknownIndices += length;
            return;
        }

        int first = Math.Max(start, 0);
        int last = (int)Math.Min(end, _sends.Count);
        _unknownIndices += length - (last - first);
        for (int i = first; i < last; i++)
        {
            ref SendRecord send = ref _sends[i];
            if (send.Completed)
            {
                _unknownIndices++;
                continue;
            }

            send.Completed = true;
            _completed++;
        }
    }

    /// <summary>Indices reported since the last call that were not outstanding.</summary>
    public long TakeUnknownIndices()
    {
        long count = _unknownIndices;
        _unknownIndices = 0;
        return count;
    }

    /// <summary>Takes out the next piece that is proven off the wire, with its reference. Call until it returns false.</summary>
    public bool TryRetire(out LedgerPiece piece)
    {
        while (_sends.Count > 0 && _sends[0].Completed)
        {
            if (TakePiece(out piece))
            {
                return true;
            }
        }

        piece = default;
        return false;
    }

    /// <summary>Takes out the next piece, proven or not: the end of all waiting. Call until it returns false.</summary>
    public bool TryAbandon(out LedgerPiece piece, out bool proven)
    {
        while (_sends.Count > 0)
        {
            proven = _sends[0].Completed;
            if (TakePiece(out piece))
            {
                return true;
            }
        }

        piece = default;
        proven = true;
        return false;
    }

    private bool TakePiece(out LedgerPiece piece)
    {
        ref SendRecord send = ref _sends[0];
        if (send.Pieces == 0)
        {
            if (send.Completed)
            {
                _completed--;
            }

            _sends.RemoveFirst();
            _firstIndex++;
            piece = default;
            return false;
        }

        send.Pieces--;
        piece = _pieces[0];
        _pieces.RemoveFirst();
        Bytes -= piece.Bytes;
        return true;
    }

    private struct SendRecord
    {
        public int Pieces;
        public bool Completed;
    }
}
