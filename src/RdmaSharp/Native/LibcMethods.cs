using System.Runtime.InteropServices;

namespace RdmaSharp.Native;

/// <summary>libc.</summary>
internal static partial class LibcMethods
{
    private const int F_GETFL = 3;
    private const int F_SETFL = 4;
    private const int O_NONBLOCK = 0x800;

    /// <summary>0 or errno.</summary>
    public static int SetNonBlocking(int descriptor)
    {
        int flags = FileControl(descriptor, F_GETFL, 0);
        return flags < 0 || FileControl(descriptor, F_SETFL, flags | O_NONBLOCK) < 0 ? Marshal.GetLastPInvokeError() : 0;
    }

    // The third argument is variadic: on Linux (x64, arm64) an integer is passed as in a fixed list.
    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int FileControl(int descriptor, int command, int argument);
}
