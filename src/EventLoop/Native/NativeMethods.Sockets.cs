using System.Runtime.InteropServices;

namespace Nvmf.EventLoop.Native;

internal static unsafe partial class NativeMethods
{
    private const int GetFlags = 3;
    private const int SetFlags = 4;
    private const int DuplicateCloseOnExec = 1030;

    public static int CreateStreamSocket(int family) =>
        Result(Socket(family, SocketConstants.SOCK_STREAM | SocketConstants.SOCK_NONBLOCK | SocketConstants.SOCK_CLOEXEC, 0));

    /// <summary>A second descriptor of the same socket, close-on-exec.</summary>
    public static int DuplicateSocket(int socket) => Result(FileControl(socket, DuplicateCloseOnExec, 0));

    /// <summary>For descriptors that others have opened.</summary>
    public static int SetNonBlocking(int socket)
    {
        int flags = Result(FileControl(socket, GetFlags, 0));
        return flags < 0 ? flags : Result(FileControl(socket, SetFlags, flags | SocketConstants.SOCK_NONBLOCK));
    }

    public static int BindSocket(int socket, ReadOnlySpan<byte> address)
    {
        fixed (byte* pointer = address)
        {
            return Result(Bind(socket, pointer, (uint)address.Length));
        }
    }

    public static int ListenSocket(int socket, int backlog) => Result(Listen(socket, backlog));

    /// <summary>Accepts one connection, non-blocking and close-on-exec; <paramref name="length"/> in: room, out: size of the address.</summary>
    public static int AcceptSocket(int socket, Span<byte> address, out int length)
    {
        uint size = (uint)address.Length;
        int result;
        fixed (byte* pointer = address)
        {
            result = Result(Accept4(socket, pointer, &size, SocketConstants.SOCK_NONBLOCK | SocketConstants.SOCK_CLOEXEC));
        }

        length = (int)Math.Min(size, (uint)address.Length);
        return result;
    }

    public static int ConnectSocket(int socket, ReadOnlySpan<byte> address)
    {
        fixed (byte* pointer = address)
        {
            return Result(Connect(socket, pointer, (uint)address.Length));
        }
    }

    /// <summary>Dissolves a TCP connection and keeps the descriptor: the write queue is purged, the peer gets a RST.</summary>
    public static int DisconnectSocket(int socket)
    {
        ReadOnlySpan<byte> unspecified = stackalloc byte[16];
        return ConnectSocket(socket, unspecified);
    }

    public static int LocalAddress(int socket, Span<byte> address, out int length)
    {
        uint size = (uint)address.Length;
        int result;
        fixed (byte* pointer = address)
        {
            result = Result(GetSockName(socket, pointer, &size));
        }

        length = (int)Math.Min(size, (uint)address.Length);
        return result;
    }

    public static nint SendMessage(int socket, MessageHeader* message, int flags) => Result(SendMsg(socket, message, flags));

    public static nint ReceiveMessage(int socket, MessageHeader* message, int flags) => Result(RecvMsg(socket, message, flags));

    /// <summary>One buffer: cheaper than a message with one vector.</summary>
    public static nint SendBuffer(int socket, byte* buffer, nuint length, int flags) => Result(Send(socket, buffer, length, flags));

    public static nint ReceiveBuffer(int socket, byte* buffer, nuint length, int flags) => Result(Recv(socket, buffer, length, flags));

    public static int ShutdownSocket(int socket, int how) => Result(Shutdown(socket, how));

    public static int SetOption(int socket, int level, int option, int value) => Result(SetSockOpt(socket, level, option, &value, sizeof(int)));

    public static int SetLinger(int socket, Linger linger) =>
        Result(SetSockOpt(socket, SocketConstants.SOL_SOCKET, SocketConstants.SO_LINGER, &linger, (uint)sizeof(Linger)));

    public static int GetOption(int socket, int level, int option, out int value)
    {
        int answer = 0;
        uint length = sizeof(int);
        int result = Result(GetSockOpt(socket, level, option, &answer, &length));
        value = answer;
        return result;
    }

    /// <summary>Bytes (and FIN) not yet acknowledged by the peer.</summary>
    public static int UnacknowledgedBytes(int socket)
    {
        int value = 0;
        int result = Result(IoCtl(socket, SocketConstants.SIOCOUTQ, &value));
        return result < 0 ? result : value;
    }

    [LibraryImport(Library, EntryPoint = "fcntl")]
    private static partial int FileControl(int descriptor, int command, int argument);

    [LibraryImport(Library, EntryPoint = "socket")]
    private static partial int Socket(int family, int type, int protocol);

    [LibraryImport(Library, EntryPoint = "bind")]
    private static partial int Bind(int socket, byte* address, uint length);

    [LibraryImport(Library, EntryPoint = "listen")]
    private static partial int Listen(int socket, int backlog);

    [LibraryImport(Library, EntryPoint = "accept4")]
    private static partial int Accept4(int socket, byte* address, uint* length, int flags);

    [LibraryImport(Library, EntryPoint = "connect")]
    private static partial int Connect(int socket, byte* address, uint length);

    [LibraryImport(Library, EntryPoint = "getsockname")]
    private static partial int GetSockName(int socket, byte* address, uint* length);

    [LibraryImport(Library, EntryPoint = "sendmsg")]
    private static partial nint SendMsg(int socket, MessageHeader* message, int flags);

    [LibraryImport(Library, EntryPoint = "recvmsg")]
    private static partial nint RecvMsg(int socket, MessageHeader* message, int flags);

    [LibraryImport(Library, EntryPoint = "send")]
    private static partial nint Send(int socket, byte* buffer, nuint length, int flags);

    [LibraryImport(Library, EntryPoint = "recv")]
    private static partial nint Recv(int socket, byte* buffer, nuint length, int flags);

    [LibraryImport(Library, EntryPoint = "shutdown")]
    private static partial int Shutdown(int socket, int how);

    [LibraryImport(Library, EntryPoint = "setsockopt")]
    private static partial int SetSockOpt(int socket, int level, int option, void* value, uint length);

    [LibraryImport(Library, EntryPoint = "getsockopt")]
    private static partial int GetSockOpt(int socket, int level, int option, void* value, uint* length);

    [LibraryImport(Library, EntryPoint = "ioctl")]
    private static partial int IoCtl(int descriptor, nuint request, int* value);
}
