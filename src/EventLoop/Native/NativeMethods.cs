using System.Runtime.InteropServices;

namespace Nvmf.EventLoop.Native;

/// <summary>
/// libc. Methods return what the function returns, or a negative <see cref="Errno"/>: no exception and no thread-static error on the hot path.
/// </summary>
internal static partial class NativeMethods
{
    private const string Library = "libc";

    public static int CloseDescriptor(int descriptor) => Result(Close(descriptor));

    private static int Result(int value) => value >= 0 ? value : -Marshal.GetLastSystemError();

    private static nint Result(nint value) => value >= 0 ? value : -Marshal.GetLastSystemError();

    [LibraryImport(Library, EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
