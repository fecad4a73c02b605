using System.Runtime.InteropServices;

namespace Nvmf.Bench;

/// <summary>CPU time of a process, any process we may look at, in nanoseconds (clock_getcpuclockid(3)).</summary>
internal static partial class ProcessClock
{
    private const int SchedulerClock = 2;

    public static TimeSpan? TryRead(int pid)
    {
        // The kernel's clock id of a process: its complement above, the kind of clock below. 0 for ourselves would be any process.
        var clock = (~(pid == 0 ? Environment.ProcessId : pid) << 3) | SchedulerClock;
        return GetTime(clock, out var time) == 0 ? new TimeSpan((time.Seconds * TimeSpan.TicksPerSecond) + (time.Nanoseconds / 100)) : null;
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out TimeSpecification time);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpecification
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
