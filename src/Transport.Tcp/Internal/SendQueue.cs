using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;
using Nvmf.EventLoop.Native;

namespace Nvmf.Transport.Tcp.Internal;

/// <summary>What a connection has been given to send and the kernel has not taken yet. No system calls in here.</summary>
internal sealed unsafe class SendQueue(BufferPool pool, ZeroCopyLedger ledger)
{
    private readonly Ring<SendChunk> _chunks = new();
    private HeaderStaging _staging = new(pool);
    private long _lastHeader = -1;

    public bool IsEmpty => _chunks.Count == 0;

    /// <summary>Bytes not yet taken by the kernel.</summary>
    public long Bytes { get; private set; }

    public Span<byte> AppendHeader(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, HeaderStaging.BlockSize);
        if (!_staging.HasRoom(length))
        {
            RetireStaging();
            _staging.Begin();
        }

        bool isFirstOfBlock = _staging.IsAtStart;
        byte* bytes = _staging.Take(length);
        Bytes += length;
        if (!isFirstOfBlock && LastChunkEndsAt(bytes))
        {
            _chunks.Last.Length += length;
        }
        else
        {
            _lastHeader = _chunks.Removed + _chunks.Count;
            _chunks.Add(new SendChunk { Pointer = bytes, Length = length, IsHeader = true, Lease = _staging.Block, Pinned = _staging.Pinned });
        }

        return new Span<byte>(bytes, length);
    }

    public void Append(BufferLease data, IOwnedMemorySendOwner? owner)
    {
        int length = data.Length;
        if (length == 0)
        {
            data.Release();
            owner?.OnSent(proven: true);
            return;
        }

        _chunks.Add(new SendChunk { Pointer = data.Pointer, Length = length, OwnsReference = true, Lease = data, Owner = owner });
        Bytes += length;
    }

    /// <summary>
    /// Data that stays rented by somebody else until it is sent or dropped; a zero-copy send adds a reference for the kernel.
    /// </summary>
    public void AppendBorrowed(BufferLease data, int runLength)
    {
        _chunks.Add(new SendChunk { Pointer = data.Pointer, Length = data.Length, RunLength = runLength, Lease = data });
        Bytes += data.Length;
    }

    /// <summary>
    /// Collects the vectors of the next send: as many chunks as belong together. Data of at least <paramref name="threshold"/> bytes makes
    /// a zero-copy send, shorter data a copying one; headers go along with either.
    /// </summary>
    /// <returns>Number of vectors.</returns>
    public int Gather(IoVector* vectors, int capacity, int threshold, out bool zeroCopy, out long bytes)
    {
        bool decided = false;
        bool mustCopy = false;
        zeroCopy = false;
        bytes = 0;
        int limit = Math.Min(capacity, _chunks.Count);
        int count = 0;
        while (count < limit)
        {
            ref SendChunk chunk = ref _chunks[count];
            if (chunk.IsHeader)
            {
                if (chunk.Pinned is not null)
                {
                    if (zeroCopy)
                    {
                        break;
                    }

                    mustCopy = true;
                }
            }
            else
            {
                bool isLarge = Math.Max(chunk.Length, chunk.RunLength) >= threshold;
                if (isLarge != zeroCopy && (decided || mustCopy))
                {
                    break;
                }

                zeroCopy = isLarge;
                decided = true;
            }

            vectors[count++] = new IoVector(chunk.Pointer, chunk.Length);
            bytes += chunk.Length;
        }

        return count;
    }

    /// <summary>
    /// The kernel took the next <paramref name="bytes"/>: copied, or by reference and then <see cref="ZeroCopyLedger.BeginSend"/> has been called.
    /// </summary>
    public void Advance(long bytes, bool zeroCopied)
    {
        Bytes -= bytes;
        while (bytes > 0)
        {
            ref SendChunk head = ref _chunks[0];
            if (bytes < head.Length)
            {
                int part = (int)bytes;
                if (zeroCopied)
                {
                    ledger.Add(head.Lease.Retain(), part, null);
                    head.IsPartlyZeroCopied = true;
                }

                head.Pointer += part;
                head.Length -= part;
                return;
            }

            SendChunk done = head;
            _chunks.RemoveFirst();
            bytes -= done.Length;
            Complete(done, zeroCopied);
        }

        if (_chunks.Count == 0)
        {
            RetireStaging();
        }
    }

    /// <summary>Gives back everything the kernel has not taken.</summary>
    /// <returns>Bytes dropped.</returns>
    public long Drop()
    {
        long dropped = Bytes;
        while (_chunks.Count > 0)
        {
            SendChunk chunk = _chunks[0];
            _chunks.RemoveFirst();
            Bytes -= chunk.Length;
            Complete(chunk, zeroCopied: false);
        }

        RetireStaging();
        return dropped;
    }

    private void Complete(in SendChunk chunk, bool zeroCopied)
    {
        if (zeroCopied)
        {
            ledger.Add(chunk.OwnsReference ? chunk.Lease : chunk.Lease.Retain(), chunk.Length, chunk.Owner);
        }
        else if (chunk.IsPartlyZeroCopied && !ledger.IsEmpty && !chunk.IsHeader && chunk.OwnsReference)
        {
            // The rest was copied, but the beginning may still be read: the owner hears of it when the latest send is through.
            ledger.Add(chunk.Lease, 0, chunk.Owner);
        }
        else
        {
            if (chunk.OwnsReference)
            {
                chunk.Lease.Release();
            }

            chunk.Owner?.OnSent(proven: true);
        }
    }

    private bool LastChunkEndsAt(byte* bytes)
    {
        if (_chunks.Count == 0)
        {
            return false;
        }

        ref SendChunk last = ref _chunks.Last;
        return last.IsHeader && last.Pointer + last.Length == bytes;
    }

    /// <summary>Hands the block's reference to the last header in it that still waits, or gives it back.</summary>
    private void RetireStaging()
    {
        if (!_staging.Block.IsEmpty)
        {
            if (_lastHeader >= _chunks.Removed)
            {
                _chunks[(int)(_lastHeader - _chunks.Removed)].OwnsReference = true;
            }
            else
            {
                _staging.Block.Release();
            }
        }

        _staging.Forget();
    }
}
