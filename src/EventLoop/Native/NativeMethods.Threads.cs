using System.Runtime.InteropServices;

namespace Nvmf.EventLoop.Native;

internal static unsafe partial class NativeMethods
{
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

    [LibraryImport(Library, EntryPoint = "sched_setaffinity")]
    private static partial int SchedSetAffinity(int thread, nuint size, ulong* mask);
}
