using System.Runtime.InteropServices;
using Nvmf.Abstractions.Buffers;
using Nvmf.Testing;

namespace Nvmf.Abstractions.Tests.Buffers;

/// <summary>
/// What a pool must do, kept beside a real one: who holds what with which contents, who waits, and whether a refusal was justified.
/// </summary>
internal sealed class BufferPoolModel(long limit, long reserve) : IDisposable
{
    private readonly PoisonedPool _pool = new(limit, reserve);
    private readonly List<Holder> _holders = [];
    private readonly List<BufferLease> _stale = [];
    private readonly List<Waiter> _waiting = [];
    private readonly Dictionary<BufferSlab, int> _cuts = [];
    private ulong _stamp;

    internal enum Action
    {
        Rent,
        RentOrWait,
        Retain,
        Release,
        CancelWait,
        UseStale,
    }

    internal sealed record Step(Action Action, int Length, bool Administration, int Pick);

    public int Waits { get; private set; }

    public int Recuts { get; private set; }

    public void Run(Step step)
    {
        BufferPriority priority = step.Administration ? BufferPriority.Administration : BufferPriority.InputOutput;
        switch (step.Action)
        {
            case Action.Rent:
                bool others = OthersFirst(priority);
                if (_pool.Pool.TryRent(step.Length, priority, out BufferLease lease))
                {
                    Assert.False(others);
                    Hold(lease, step.Length);
                }
                else if (!others)
                {
                    AssertRefusalJustified(step.Length, priority);
                }

                break;
            case Action.RentOrWait:
                var waiter = new Waiter(this);
                others = OthersFirst(priority);
                if (_pool.Pool.RentOrWait(step.Length, priority, waiter, out lease))
                {
                    Assert.False(others);
                    Hold(lease, step.Length);
                }
                else
                {
                    Waits++;
                    _waiting.Add(waiter);
                }

                break;
            case Action.Retain when _holders.Count > 0:
                Holder holder = _holders[step.Pick % _holders.Count];
                holder.References.Add(holder.Lease.Slice(step.Pick % holder.Lease.Length, 0).Retain());
                break;
            case Action.Release when _holders.Count > 0:
                Release(step.Pick % _holders.Count);
                break;
            case Action.CancelWait when _waiting.Count > 0:
                waiter = _waiting[step.Pick % _waiting.Count];
                _waiting.Remove(waiter);
                Assert.True(_pool.Pool.CancelWait(waiter));
                Assert.False(_pool.Pool.CancelWait(waiter));
                break;
            case Action.UseStale when _stale.Count > 0:
                BufferLease stale = _stale[step.Pick % _stale.Count];
                Assert.Throws<ObjectDisposedException>(() => stale.Span.Length);
                Assert.Throws<ObjectDisposedException>(() => stale.Retain());
                Assert.Throws<ObjectDisposedException>(stale.Release);
                break;
        }

        AssertConsistent();
    }

    public void ReleaseAll()
    {
        while (_holders.Count > 0)
        {
            Release(_holders.Count - 1);
            AssertConsistent();
        }

        Assert.Empty(_waiting);
    }

    public void Dispose() => _pool.Dispose();

    private bool OthersFirst(BufferPriority priority) => _waiting.Any(waiter => waiter.Priority >= priority);

    private void Hold(BufferLease lease, int length)
    {
        Assert.Equal(length, lease.Length);
        _holders.Add(new Holder(lease, ++_stamp));
        Stamp(lease).Fill(_stamp);
    }

    private void Release(int index)
    {
        Holder holder = _holders[index];
        Assert.Equal(-1, Stamp(holder.Lease).IndexOfAnyExcept(holder.Stamp));
        BufferLease reference = holder.References[^1];
        holder.References.RemoveAt(holder.References.Count - 1);
        if (holder.References.Count == 0)
        {
            // Before the release: it may hand the block on, from inside.
            _holders.RemoveAt(index);
            _stale.Add(reference);
        }

        reference.Release();
    }

    private void AssertConsistent()
    {
        BufferPoolStatistics statistics = _pool.Pool.Statistics;
        Assert.Equal(_holders.Count, statistics.RentedBlocks);
        Assert.InRange(statistics.RentedBytes, _holders.Sum(holder => (long)holder.Lease.Length), statistics.AllocatedBytes);
        Assert.InRange(statistics.AllocatedBytes, 0, limit);
        Assert.Equal(_waiting.Count, statistics.Waiters);
        Assert.Equal(0, statistics.PoisonViolations);
        _pool.AssertNoViolations();
        if (FirstWaiter() is { } first)
        {
            AssertRefusalJustified(first.Length, first.Priority);
        }

        foreach (BufferSlab slab in _pool.Pool.Slabs)
        {
            if (_cuts.TryGetValue(slab, out int cut) && cut != slab.SizeClass)
            {
                Recuts++;
            }

            _cuts[slab] = slab.SizeClass;
        }
    }

    private Waiter? FirstWaiter() => _waiting.OrderByDescending(waiter => waiter.Priority).FirstOrDefault();

    /// <summary>No room for a slab, no slab to cut anew, no free block that is large enough.</summary>
    private void AssertRefusalJustified(int length, BufferPriority priority)
    {
        int sizeClass = BufferSizeClass.Of(length);
        int size = BufferSizeClass.Size(sizeClass);
        bool[] parts = priority == BufferPriority.Administration ? [false, true] : [false];
        foreach (bool isReserve in parts)
        {
            List<BufferSlab> slabs = [.. _pool.Pool.Slabs.Where(slab => slab.Partition.IsReserve == isReserve)];
            Assert.InRange((isReserve ? reserve : limit - reserve) - slabs.Sum(slab => slab.Length), 0, size - 1);
            Assert.DoesNotContain(slabs, slab => slab.IsFree && slab.Length >= size);
            Assert.DoesNotContain(slabs, slab => slab.SizeClass >= sizeClass && slab.RentedBlocks < slab.Blocks.Length);
        }
    }

    private static Span<ulong> Stamp(BufferLease lease) => MemoryMarshal.Cast<byte, ulong>(lease.Span[..Math.Min(lease.Length, 8192)]);

    private sealed record Holder(BufferLease Lease, ulong Stamp)
    {
        public List<BufferLease> References { get; } = [Lease];
    }

    private sealed class Waiter(BufferPoolModel model) : BufferWaiter
    {
        protected internal override void OnRented(BufferLease lease)
        {
            Assert.Same(model.FirstWaiter(), this);
            model._waiting.Remove(this);
            model.Hold(lease, Length);
        }
    }
}
