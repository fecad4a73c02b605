using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Nvmf.Interop.GuestHost;

/// <summary>Persistent reservations of a block device as the kernel offers them to every program (linux/pr.h). No tool of the guest's distribution has them.</summary>
internal static partial class KernelReservation
{
    // _IOW('p', number, bytes of the structure).
    private const uint Write = 1u << 30;
    private const uint Letter = 'p' << 8;

    /// <summary>register KEY | reserve KEY TYPE | preempt-abort KEY OTHER TYPE | release KEY TYPE | clear KEY; numbers decimal, TYPE as of NVMe.</summary>
    /// <returns>What the kernel said: 0, an NVMe status, or a negative error.</returns>
    public static int Run(string device, string command, string[] numbers)
    {
        ulong[] values = [.. numbers.Select(static number => ulong.Parse(number, CultureInfo.InvariantCulture))];
        (uint number, ulong[] words) = (command, values) switch
        {
            ("register", [var key]) => (200u, (ulong[])[0, key, 0]),
            ("reserve", [var key, var type]) => (201u, [key, type]),
            ("release", [var key, var type]) => (202u, [key, type]),
            ("preempt-abort", [var key, var other, var type]) => (204u, [key, other, type]),
            ("clear", [var key]) => (205u, [key, 0]),
            _ => throw new ArgumentException($"pr {command} with {values.Length} numbers"),
        };
        using SafeFileHandle file = File.OpenHandle(device, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        int result = Control(file, Write | ((uint)(words.Length * sizeof(ulong)) << 16) | Letter | number, words);
        return result < 0 ? -Marshal.GetLastPInvokeError() : result;
    }

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(SafeFileHandle file, nuint request, [In] ulong[] data);
}
