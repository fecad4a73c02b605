using System.Diagnostics;

namespace Nvmf.Bench.Load;

/// <summary>What was used up to a moment, or between two.</summary>
internal readonly record struct Usage(TimeSpan Elapsed, long Commands, TimeSpan OwnCpu, TimeSpan? TargetCpu, long AllocatedBytes)
{
    public static Usage Take(LoadWorker[] workers, int? targetPid)
    {
        long commands = 0;
        foreach (var worker in workers)
        {
            commands += worker.Done;
        }

        return new Usage(
            Stopwatch.GetElapsedTime(0),
            commands,
            Environment.CpuUsage.TotalTime,
            targetPid is { } pid ? ProcessClock.TryRead(pid) : null,
            GC.GetTotalAllocatedBytes());
    }

    public Usage Since(Usage before) => new(
        Elapsed - before.Elapsed,
        Commands - before.Commands,
        OwnCpu - before.OwnCpu,
        TargetCpu - before.TargetCpu,
        AllocatedBytes - before.AllocatedBytes);
}
