using System.Runtime.InteropServices;

namespace RdmaPing;

/// <summary>poll(2).</summary>
internal static partial class Descriptors
{
    private const short POLLIN = 1;

    /// <summary>Waits until one of them is readable.</summary>
    public static unsafe void Wait(ReadOnlySpan<int> descriptors, int milliseconds)
    {
        PollItem* items = stackalloc PollItem[descriptors.Length];
        for (int i = 0; i < descriptors.Length; i++)
        {
            items[i] = new PollItem { Descriptor = descriptors[i], Events = POLLIN };
        }

        _ = Poll(items, (nuint)descriptors.Length, milliseconds);
    }

    [LibraryImport("libc", EntryPoint = "poll")]
    private static unsafe partial int Poll(PollItem* items, nuint count, int milliseconds);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollItem
    {
        public int Descriptor;
        public short Events;
        public short ReadyEvents;
    }
}
