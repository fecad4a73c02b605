namespace Nvmf.Bench.Load;

/// <summary>What a process holds, native memory included.</summary>
/// <param name="Descriptors">Open files; 0 where there is no /proc.</param>
/// <param name="Threads">Of the kernel; 0 where there is no /proc.</param>
/// <param name="HeapBytes">Managed objects, after a collection.</param>
/// <param name="ResidentBytes">Memory that is not swapped or discarded: managed heap, buffer pools, everything.</param>
internal sealed record ProcessSample(int Descriptors, int Threads, long HeapBytes, long ResidentBytes)
{
    public static ProcessSample Take()
    {
        // Aggressive: the collector gives back what it keeps for later, or its habits would be measured.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return new ProcessSample(Count("/proc/self/fd"), Count("/proc/self/task"), GC.GetTotalMemory(forceFullCollection: false), Environment.WorkingSet);
    }

    public override string ToString() => $"{Descriptors} descriptors, {Threads} threads, {HeapBytes >> 10} KiB of heap, {ResidentBytes >> 10} KiB resident";

    private static int Count(string folder) => Directory.Exists(folder) ? Directory.GetFileSystemEntries(folder).Length : 0;
}
