using System.Runtime.InteropServices;

namespace RdmaSharp;

/// <summary>Error numbers of Linux that the calls of this library end with.</summary>
public static class Errno
{
    /// <summary>Not permitted.</summary>
    public const int EPERM = 1;

    /// <summary>No such file, or an unknown id.</summary>
    public const int ENOENT = 2;

    /// <summary>Interrupted by a signal.</summary>
    public const int EINTR = 4;

    /// <summary>The device does not answer, or is gone.</summary>
    public const int EIO = 5;

    /// <summary>Not open.</summary>
    public const int EBADF = 9;

    /// <summary>Nothing there now (a non-blocking channel).</summary>
    public const int EAGAIN = 11;

    /// <summary>A work queue is full, or memory (often: memory that may be locked) ran out.</summary>
    public const int ENOMEM = 12;

    /// <summary>No permission.</summary>
    public const int EACCES = 13;

    /// <summary>A bad address.</summary>
    public const int EFAULT = 14;

    /// <summary>Something that lives still uses the object.</summary>
    public const int EBUSY = 16;

    /// <summary>No such device.</summary>
    public const int ENODEV = 19;

    /// <summary>An argument is wrong, or not in this state.</summary>
    public const int EINVAL = 22;

    /// <summary>Not implemented by the device.</summary>
    public const int ENOSYS = 38;

    /// <summary>Not supported by the device.</summary>
    public const int EOPNOTSUPP = 95;

    /// <summary>The address is in use.</summary>
    public const int EADDRINUSE = 98;

    /// <summary>No RDMA device has this address.</summary>
    public const int EADDRNOTAVAIL = 99;

    /// <summary>The peer ended the connection.</summary>
    public const int ECONNRESET = 104;

    /// <summary>Not connected.</summary>
    public const int ENOTCONN = 107;

    /// <summary>No answer in time.</summary>
    public const int ETIMEDOUT = 110;

    /// <summary>Nobody listens there, or the request was rejected.</summary>
    public const int ECONNREFUSED = 111;

    /// <summary>No route.</summary>
    public const int EHOSTUNREACH = 113;

    internal static string Describe(int errorNumber) => $"{Marshal.GetPInvokeErrorMessage(errorNumber)} (errno {errorNumber})";
}
