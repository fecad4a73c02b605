using System.Globalization;
using System.Runtime.InteropServices;

namespace Nvmf.Bench;

/// <summary>Keeps all threads of a process on one core. Threads started later inherit it.</summary>
internal static partial class Affinity
{
    public static void Pin(int core) => Pin(Environment.ProcessId, core);

    public static void Pin(int process, int core)
    {
        Span<ulong> mask = stackalloc ulong[16];
        mask.Clear();
        if ((uint)core >= (uint)mask.Length * 64)
        {
            throw new InvalidOperationException($"There is no core {core}.");
        }

        mask[core / 64] = 1UL << (core % 64);
        foreach (var thread in Directory.EnumerateDirectories($"/proc/{process}/task"))
        {
            var id = int.Parse(Path.GetFileName(thread), CultureInfo.InvariantCulture);
            // A thread may end between being listed and being pinned; only our own failure is one.
            if (SetAffinity(id, (nuint)(mask.Length * sizeof(ulong)), ref mask[0]) != 0 && id == process)
            {
                throw new InvalidOperationException($"Process {process} cannot be pinned to core {core}.");
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "sched_setaffinity")]
    private static partial int SetAffinity(int thread, nuint length, ref ulong mask);
}
