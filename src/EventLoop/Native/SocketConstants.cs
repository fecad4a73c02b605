namespace Nvmf.EventLoop.Native;

/// <summary>Constants of Linux's socket interface.</summary>
internal static class SocketConstants
{
    public const int AF_UNSPEC = 0;
    public const int AF_UNIX = 1;
    public const int AF_INET = 2;
    public const int AF_INET6 = 10;

    public const int SOCK_STREAM = 1;
    public const int SOCK_NONBLOCK = 0x800;
    public const int SOCK_CLOEXEC = 0x80000;

    public const int SOL_SOCKET = 1;
    public const int SO_REUSEADDR = 2;
    public const int SO_ERROR = 4;
    public const int SO_SNDBUF = 7;
    public const int SO_RCVBUF = 8;
    public const int SO_KEEPALIVE = 9;
    public const int SO_LINGER = 13;
    public const int SO_SNDBUFFORCE = 32;
    public const int SO_ZEROCOPY = 60;

    public const int IPPROTO_IP = 0;
    public const int IPPROTO_TCP = 6;
    public const int IPPROTO_IPV6 = 41;
    public const int TCP_NODELAY = 1;
    public const int TCP_KEEPIDLE = 4;
    public const int TCP_KEEPINTVL = 5;
    public const int TCP_KEEPCNT = 6;
    public const int TCP_USER_TIMEOUT = 18;
    public const int IPV6_V6ONLY = 26;
    public const int IP_RECVERR = 11;
    public const int IPV6_RECVERR = 25;

    public const int SHUT_WR = 1;
    public const int SHUT_RDWR = 2;

    public const int MSG_DONTWAIT = 0x40;
    public const int MSG_ERRQUEUE = 0x2000;
    public const int MSG_NOSIGNAL = 0x4000;
    public const int MSG_ZEROCOPY = 0x4000000;

    /// <summary>Origin of an error-queue message that reports completed zero-copy sends.</summary>
    public const byte SO_EE_ORIGIN_ZEROCOPY = 5;

    /// <summary>Code of such a message when the kernel copied after all.</summary>
    public const byte SO_EE_CODE_ZEROCOPY_COPIED = 1;

    /// <summary>Bytes sent and not yet acknowledged, FIN included (tcp(7)).</summary>
    public const uint SIOCOUTQ = 0x5411;

    /// <summary>Bytes that can be read (ioctl_tty(2), pipe(7)).</summary>
    public const uint FIONREAD = 0x541B;

    /// <summary>Most vectors of one sendmsg or recvmsg.</summary>
    public const int IOV_MAX = 1024;
}
