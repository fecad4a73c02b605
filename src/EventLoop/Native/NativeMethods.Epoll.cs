using System.Runtime.InteropServices;

namespace Nvmf.EventLoop.Native;

internal static unsafe partial class NativeMethods
{
    private const int EpollCloseOnExec = 0x80000;
    private const int EventDescriptorFlags = 0x80000 | 0x800;

    public const int EpollAdd = 1;
    public const int EpollDelete = 2;
    public const int EpollModify = 3;

    public static int CreateEpoll() => Result(EpollCreate1(EpollCloseOnExec));

    public static int ControlEpoll(int epoll, int operation, int descriptor, byte* item) => Result(EpollCtl(epoll, operation, descriptor, item));

    public static int WaitEpoll(int epoll, byte* items, int capacity, int timeoutMilliseconds) =>
        Result(EpollWait(epoll, items, capacity, timeoutMilliseconds));

    public static int CreateEventDescriptor() => Result(EventFd(0, EventDescriptorFlags));

    public static int SignalEventDescriptor(SafeFileDescriptor descriptor) => Result(EventFdWrite(descriptor, 1));

    [LibraryImport(Library, EntryPoint = "epoll_create1")]
    private static partial int EpollCreate1(int flags);

    [LibraryImport(Library, EntryPoint = "epoll_ctl")]
    private static partial int EpollCtl(int epoll, int operation, int descriptor, byte* item);

    [LibraryImport(Library, EntryPoint = "epoll_wait")]
    private static partial int EpollWait(int epoll, byte* items, int capacity, int timeout);

    [LibraryImport(Library, EntryPoint = "eventfd")]
    private static partial int EventFd(uint initial, int flags);

    [LibraryImport(Library, EntryPoint = "eventfd_write")]
    private static partial int EventFdWrite(SafeFileDescriptor descriptor, ulong value);
}
