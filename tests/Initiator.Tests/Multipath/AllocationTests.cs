using Nvmf.Abstractions.Buffers;
using Nvmf.Initiator.Multipath;
using Nvmf.Initiator.Tests.Fakes;
using Xunit.Abstractions;

namespace Nvmf.Initiator.Tests.Multipath;

/// <summary>What a command through all layers leaves behind for the garbage collector. The target is in the same process and counted as well.</summary>
[Collection(nameof(AllocationTests))]
[CollectionDefinition(nameof(AllocationTests), DisableParallelization = true)]
public class AllocationTests(ITestOutputHelper output)
{
    private const int Depth = 32;
    private const int Commands = 20_000;

    // The first rounds fill pools and queues. What is left is timers, the runtime and the test runner; an object per command would be twenty times as much, in every round.
    private const int Rounds = 5;
    private const double BytesPerCommand = 1;

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task A_command_of_a_multipath_namespace_allocates_nothing(bool writes, bool onLoop)
    {
        await using var fixture = await TargetFixture.StartAsync();
        await using var subsystem = await fixture.Host.ConnectSubsystemAsync(
            [fixture.EndPoint, fixture.EndPoint],
            new NvmeMultipathOptions { Connect = new NvmeConnectOptions { SubsystemNqn = TargetFixture.Nqn, QueueDepth = Depth, RunContinuationsOnLoop = onLoop } });
        await Eventually.IsTrueAsync(() => subsystem.Paths.All(path => path.State == NvmePathState.Live), "Not every path is live.");
        var disk = await subsystem.OpenNamespaceAsync(1);
        var leases = Enumerable.Range(0, Depth).Select(_ => Rent(fixture.HostPool.Pool)).ToArray();
        var least = double.MaxValue;
        for (var round = 0; round < Rounds; round++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            await RunAsync(disk, leases, writes);
            var perCommand = (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)Commands;
            output.WriteLine($"{perCommand:0.000} bytes per command");
            least = Math.Min(least, perCommand);
        }

        Array.ForEach(leases, static lease => lease.Release());
        Assert.True(least < BytesPerCommand, $"{least:0.000} bytes per command.");
    }

    private static Task RunAsync(NvmeBlockDevice disk, BufferLease[] leases, bool writes) =>
        Task.WhenAll(leases.Select((lease, index) => LaneAsync(disk, lease, (ulong)index * 8, writes)));

    private static async Task LaneAsync(NvmeBlockDevice disk, BufferLease lease, ulong block, bool writes)
    {
        for (var i = 0; i < Commands / Depth; i++)
        {
            if (writes)
            {
                await disk.WriteAsync(block, lease).ConfigureAwait(false);
            }
            else
            {
                await disk.ReadAsync(block, lease).ConfigureAwait(false);
            }
        }
    }

    private static BufferLease Rent(BufferPool pool)
    {
        Assert.True(pool.TryRent(4096, BufferPriority.InputOutput, out var lease));
        lease.Span.Clear();
        return lease;
    }
}
