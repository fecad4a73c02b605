using System.Runtime.InteropServices;

namespace Nvmf.EventLoop.Native;

/// <summary>Pipes as places in the kernel that bytes wait in: pipe(7), splice(2).</summary>
internal static unsafe partial class NativeMethods
{
    private const int SetPipeSizeCommand = 1031;
    private const int GetPipeSizeCommand = 1032;
    private const uint SpliceMove = 1;
    private const uint SpliceDoNotWait = 2;
    private const uint SpliceMore = 4;

    /// <summary>Makes a pipe, non-blocking and close-on-exec.</summary>
    public static int CreatePipe(out int readEnd, out int writeEnd)
    {
        int* ends = stackalloc int[2];
        int result = Result(Pipe2(ends, SocketConstants.SOCK_NONBLOCK | SocketConstants.SOCK_CLOEXEC));
        readEnd = ends[0];
        writeEnd = ends[1];
        return result;
    }

    /// <summary>Asks for room for so many bytes; the kernel rounds up to a power of two pages.</summary>
    /// <returns>The size it has now.</returns>
    public static int SetPipeSize(int pipe, int size) => Result(FCntl(pipe, SetPipeSizeCommand, size));

    public static int GetPipeSize(int pipe) => Result(FCntl(pipe, GetPipeSizeCommand, 0));

    /// <summary>Bytes that a read would find (FIONREAD), in a pipe or in a socket.</summary>
    public static int AvailableBytes(int descriptor)
    {
        int value = 0;
        int result = Result(IoCtl(descriptor, SocketConstants.FIONREAD, &value));
        return result < 0 ? result : value;
    }

    /// <summary>
    /// Moves pages between a pipe and a socket without waiting; the socket must be non-blocking itself, the flag speaks for the pipe alone. Returns 0 at the end of the stream. EAGAIN says that either side cannot go on: which one is
    /// for the caller to know.
    /// </summary>
    public static nint Splice(int from, int to, int length, bool more) =>
        Result(SpliceCall(from, null, to, null, (nuint)length, SpliceMove | SpliceDoNotWait | (more ? SpliceMore : 0)));

    [LibraryImport(Library, EntryPoint = "pipe2")]
    private static partial int Pipe2(int* ends, int flags);

    [LibraryImport(Library, EntryPoint = "fcntl")]
    private static partial int FCntl(int descriptor, int command, int argument);

    [LibraryImport(Library, EntryPoint = "splice")]
    private static partial nint SpliceCall(int from, long* fromOffset, int to, long* toOffset, nuint length, uint flags);
}
