using Nvmf.Bench.Load;
using Nvmf.Hostile.Tests.Client;

namespace Nvmf.Hostile.Tests.Storms;

/// <summary>What a storm must leave as it was.</summary>
internal sealed class ProcessGauges
{
    // Files and threads of the runtime that come and go: the thread pool's, above all.
    private const int DescriptorTolerance = 16;
    private const int ThreadTolerance = 16;
    private const long HeapTolerance = 24 << 20;

    // Code that is compiled on the way, the thread pool's stacks. The pool of buffers is full of 24 MiB at the most; what leaks 4 KiB per host of a storm is over.
    private const long ResidentTolerance = 40 << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly ProcessSample _before = ProcessSample.Take();

    public void AssertFlat(World world, int queuePairs)
    {
        world.AssertNothingLeft(queuePairs);
        ProcessSample after = ProcessSample.Take();
        bool flat = SpinWait.SpinUntil(() => IsFlat(after = ProcessSample.Take()), Patience);
        Assert.True(flat, $"Before: {_before}. After: {after}.");
    }

    public string Change() => $"before: {_before}, after: {ProcessSample.Take()}";

    private bool IsFlat(ProcessSample after) =>
        after.Descriptors <= _before.Descriptors + DescriptorTolerance
        && after.Threads <= _before.Threads + ThreadTolerance
        && after.HeapBytes < _before.HeapBytes + HeapTolerance
        && after.ResidentBytes < _before.ResidentBytes + ResidentTolerance;
}
