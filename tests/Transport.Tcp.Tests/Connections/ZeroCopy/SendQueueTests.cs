using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;
using Nvmf.EventLoop.Native;
using Nvmf.Transport.Tcp.Internal;

namespace Nvmf.Transport.Tcp.Tests.Connections.ZeroCopy;

public sealed unsafe class SendQueueTests : IDisposable
{
    private const int Threshold = 4000;
    private readonly BufferPool _pool = new(new BufferPoolOptions { Poison = true });
    private readonly ZeroCopyLedger _ledger = new();
    private readonly SendQueue _queue;
    private readonly IoVector[] _vectors = new IoVector[64];

    public SendQueueTests() => _queue = new SendQueue(_pool, _ledger);

    public void Dispose()
    {
        _queue.Drop();
        Assert.Equal(0, _pool.Statistics.RentedBlocks);
        Assert.Equal(0, _pool.Statistics.PoisonViolations);
        _pool.Dispose();
    }

    [Fact]
    public void HeadersOfOneBatchAreOneVector()
    {
        for (int i = 0; i < 10; i++)
        {
            _queue.AppendHeader(24).Clear();
        }

        Assert.Equal([(240, false)], Sends());
    }

    [Fact]
    public void SmallDataAndHeadersAreOneCopyingSend()
    {
        for (int i = 0; i < 5; i++)
        {
            _queue.AppendHeader(24).Clear();
            _queue.Append(Rent(512), null);
        }

        Assert.Equal([(5 * 536, false)], Sends());
    }

    [Fact]
    public void LargeDataTakesItsHeadersAlong()
    {
        _queue.AppendHeader(24).Clear();
        _queue.Append(Rent(Threshold), null);
        _queue.AppendHeader(48).Clear();
        _queue.Append(Rent(Threshold), null);
        _queue.AppendHeader(24).Clear();
        Assert.Equal([(24 + Threshold + 48 + Threshold + 24, true)], Sends());
    }

    [Fact]
    public void SizesThatDifferAreSentSeparately()
    {
        _queue.AppendHeader(24).Clear();
        _queue.Append(Rent(100), null);
        _queue.AppendHeader(24).Clear();
        _queue.Append(Rent(Threshold), null);
        _queue.AppendHeader(24).Clear();
        _queue.Append(Rent(100), null);
        Assert.Equal([(148, false), (Threshold + 24, true), (100, false)], Sends());
    }

    [Fact]
    public void HeadersWithoutPoolMemoryAreCopiedAlone()
    {
        using var exhausted = new BufferPool(new BufferPoolOptions { LimitInBytes = 4096, ReserveInBytes = 0 });
        while (exhausted.TryRent(4096, BufferPriority.Administration, out _))
        {
        }

        var queue = new SendQueue(exhausted, _ledger);
        queue.AppendHeader(24).Fill(1);
        queue.Append(Rent(Threshold), null);
        queue.AppendHeader(24).Fill(2);
        fixed (IoVector* vectors = _vectors)
        {
            Assert.Equal(1, queue.Gather(vectors, 64, Threshold, out bool zeroCopy, out long bytes));
            Assert.Equal((false, 24L), (zeroCopy, bytes));
            queue.Advance(24, zeroCopied: false);
            Assert.Equal(1, queue.Gather(vectors, 64, Threshold, out zeroCopy, out bytes));
            Assert.Equal((true, (long)Threshold), (zeroCopy, bytes));
        }

        queue.Drop();
    }

    [Fact]
    public void AFullStagingBlockLivesUntilItsLastHeaderIsSent()
    {
        for (int i = 0; i < 3; i++)
        {
            _queue.AppendHeader(4000).Fill((byte)i);
        }

        Assert.Equal(3, _pool.Statistics.RentedBlocks);
        _queue.Advance(4000 + 3999, zeroCopied: false);
        Assert.Equal(2, _pool.Statistics.RentedBlocks);
        _queue.Advance(1 + 4000, zeroCopied: false);
        Assert.Equal(0, _pool.Statistics.RentedBlocks);
    }

    [Fact]
    public void DroppedDataIsGivenBackAndItsOwnerTold()
    {
        var owner = new CountingOwner();
        _queue.AppendHeader(24).Clear();
        _queue.Append(Rent(1000), owner);
        Assert.Equal(1024, _queue.Drop());
        Assert.Equal(1, owner.Proven);
        Assert.True(_queue.IsEmpty);
        Assert.Equal(0, _queue.Bytes);
    }

    [Fact]
    public void DataPartlyInTheKernelIsDroppedOnlyInPart()
    {
        var owner = new CountingOwner();
        _queue.Append(Rent(5000), owner);
        _ledger.BeginSend();
        _queue.Advance(2000, zeroCopied: true);
        Assert.Equal(3000, _queue.Drop());
        Assert.Equal(0, owner.Proven);
        Assert.Equal(1, _pool.Statistics.RentedBlocks);
        _ledger.Complete(0, 0);
        Retire();
        Assert.Equal(1, owner.Proven);
        Assert.Equal(0, _pool.Statistics.RentedBlocks);
    }

    /// <summary>
    /// A kernel that takes random parts, copying or by reference, and reads what it references only when it sends its notification, in
    /// coalesced and overtaking ranges: whatever was given back too early it finds poisoned.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void AKernelThatReadsLateFindsEveryByte(int seed)
    {
        var random = new Random(seed);
        var kernel = new LateKernel(_ledger);
        var owners = new List<OrderedOwner>();
        long position = 0;
        for (int step = 0; step < 4000; step++)
        {
            switch (random.Next(6))
            {
                case 0 or 1:
                    Span<byte> header = _queue.AppendHeader(random.Next(1, 200));
                    PeerStream.Fill(header, position);
                    position += header.Length;
                    break;
                case 2:
                    BufferLease lease = Rent(random.Next(1, 12_000));
                    PeerStream.Fill(lease.Span, position);
                    position += lease.Length;
                    owners.Add(new OrderedOwner(kernel, position));
                    _queue.Append(lease, owners[^1]);
                    break;
                case 3 or 4 when !_queue.IsEmpty:
                    Take(random, kernel);
                    break;
                case 5:
                    kernel.Notify(random);
                    Retire();
                    break;
            }
        }

        while (!_queue.IsEmpty)
        {
            Take(random, kernel);
        }

        while (!_ledger.IsEmpty)
        {
            kernel.Notify(random);
            Retire();
        }

        Assert.Equal(position, kernel.Taken);
        Assert.All(owners, owner => Assert.Equal(1, owner.Told));
        Assert.Equal(0, _pool.Statistics.RentedBlocks);
    }

    private void Take(Random random, LateKernel kernel)
    {
        fixed (IoVector* vectors = _vectors)
        {
            int count = _queue.Gather(vectors, random.Next(1, 64), Threshold, out bool zeroCopy, out long bytes);
            bool byReference = zeroCopy && random.Next(4) > 0;
            long taken = random.Next(3) == 0 ? random.NextInt64(1, bytes + 1) : bytes;
            kernel.Take(vectors, count, taken, byReference);
            if (byReference)
            {
                _ledger.BeginSend();
            }

            _queue.Advance(taken, byReference);
        }
    }

    private void Retire()
    {
        while (_ledger.TryRetire(out LedgerPiece piece))
        {
            piece.Lease.Release();
            piece.Owner?.OnSent(proven: true);
        }
    }

    private BufferLease Rent(int length)
    {
        Assert.True(_pool.TryRent(length, BufferPriority.InputOutput, out BufferLease lease));
        return lease;
    }

    private List<(long Bytes, bool ZeroCopy)> Sends()
    {
        var sends = new List<(long, bool)>();
        fixed (IoVector* vectors = _vectors)
        {
            while (!_queue.IsEmpty)
            {
                int count = _queue.Gather(vectors, 64, Threshold, out bool zeroCopy, out long bytes);
                Assert.True(count > 0);
                sends.Add((bytes, zeroCopy));
                if (zeroCopy)
                {
                    _ledger.BeginSend();
                }

                _queue.Advance(bytes, zeroCopy);
            }
        }

        _ledger.Complete(0, 1000);
        Retire();
        return sends;
    }

    /// <summary>Must not be told before the kernel is through with every byte up to its own last.</summary>
    private sealed class OrderedOwner(LateKernel kernel, long end) : IOwnedMemorySendOwner
    {
        public int Told { get; private set; }

        public void OnSent(bool proven)
        {
            Assert.True(proven);
            Assert.True(kernel.Taken >= end, "The kernel has not even taken these bytes.");
            Assert.False(kernel.IsReferencing(end), "The kernel still references these bytes.");
            Told++;
        }
    }

    private sealed class LateKernel(ZeroCopyLedger ledger)
    {
        private readonly List<(uint Index, nint Address, int Length, long Position)> _references = [];
        private uint _next;

        public long Taken { get; private set; }

        public bool IsReferencing(long end) => _references.Exists(r => r.Position < end && end <= r.Position + r.Length);

        public void Take(IoVector* vectors, int count, long bytes, bool byReference)
        {
            for (int i = 0; i < count && bytes > 0; i++)
            {
                int part = (int)Math.Min(bytes, (long)vectors[i].Length);
                if (byReference)
                {
                    _references.Add((_next, (nint)vectors[i].Base, part, Taken));
                }
                else
                {
                    PeerStream.Check(new ReadOnlySpan<byte>(vectors[i].Base, part), Taken);
                }

                Taken += part;
                bytes -= part;
            }

            if (byReference)
            {
                _next++;
            }
        }

        public void Notify(Random random)
        {
            if (_references.Count == 0)
            {
                return;
            }

            uint low = _references[random.Next(Math.Min(_references.Count, 5))].Index;
            uint high = Math.Min(_next - 1, low + (uint)random.Next(4));
            foreach ((uint index, nint address, int length, long position) in _references)
            {
                if (index >= low && index <= high)
                {
                    PeerStream.Check(new ReadOnlySpan<byte>((byte*)address, length), position);
                }
            }

            _references.RemoveAll(r => r.Index >= low && r.Index <= high);
            ledger.Complete(low, high);
        }
    }
}
