using System.Runtime.InteropServices;

namespace Nvmf.EventLoop.Native;

internal static unsafe partial class NativeMethods
{
    private const int SchedOther = 0;
    private const int SchedBatch = 3;

    /// <summary>Pins the calling thread to one processor.</summary>
    public static int PinCurrentThread(int processor)
    {
        if (processor is < 0 or >= 1024)
        {
            return -Errno.EINVAL;
        }

        ulong* mask = stackalloc ulong[16];
        new Span<ulong>(mask, 16).Clear();
        mask[processor / 64] = 1UL << (processor % 64);
        return Result(SchedSetAffinity(0, 128, mask));
    }

    /// <summary>
    /// Whether the calling thread, being woken, may interrupt whoever runs on its processor (SCHED_OTHER) or waits for its turn (SCHED_BATCH). By pthread's functions:
    /// musl's sched_setscheduler always fails.
    /// </summary>
    /// <returns>0, or a negated errno; EINVAL, and nothing is changed, for a thread of any other kind: whoever made it so has a reason.</returns>
    public static int SetInterrupting(bool interrupting)
    {
        nuint thread = PthreadSelf();
        int priority = 0;
        int error = PthreadGetSchedParam(thread, out int policy, ref priority);
        if (error != 0)
        {
            return -error;
        }

        return policy is SchedOther or SchedBatch ? -PthreadSetSchedParam(thread, interrupting ? SchedOther : SchedBatch, ref priority) : -Errno.EINVAL;
    }

    [LibraryImport(Library, EntryPoint = "pthread_self")]
    private static partial nuint PthreadSelf();

    // struct sched_param: in musl there is more behind its one field of POSIX, which neither function touches.
    [LibraryImport(Library, EntryPoint = "pthread_getschedparam")]
    private static partial int PthreadGetSchedParam(nuint thread, out int policy, ref int priority);

    [LibraryImport(Library, EntryPoint = "pthread_setschedparam")]
    private static partial int PthreadSetSchedParam(nuint thread, int policy, ref int priority);

    [LibraryImport(Library, EntryPoint = "sched_setaffinity")]
    private static partial int SchedSetAffinity(int thread, nuint size, ulong* mask);
}
