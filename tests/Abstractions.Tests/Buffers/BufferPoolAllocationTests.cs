using Nvmf.Abstractions.Buffers;

namespace Nvmf.Abstractions.Tests.Buffers;

public sealed class BufferPoolAllocationTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Renting_retaining_slicing_releasing_and_waiting_allocate_nothing(bool poison)
    {
        using var pool = new BufferPool(new BufferPoolOptions { LimitInBytes = 8192, ReserveInBytes = 4096, Poison = poison });
        var waiter = new TestWaiter(self => self.Lease.Release());
        long sum = 0;
        Cycle();

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            Cycle();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(1001, waiter.Turns);

        void Cycle()
        {
            pool.TryRent(4096, BufferPriority.InputOutput, out BufferLease lease);
            pool.TryRent(4096, BufferPriority.Administration, out BufferLease admin);
            BufferLease slice = lease.Slice(10, 100).Retain();
            sum += slice.Span.Length + slice.Memory.Length;
            pool.RentOrWait(1, BufferPriority.InputOutput, waiter, out _);
            pool.TryRent(1, BufferPriority.InputOutput, out _);
            lease.Release();
            slice.Release();
            admin.Release();
        }
    }
}
