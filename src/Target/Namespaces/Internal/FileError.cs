using Nvmf.Abstractions.Fabrics;
using Nvmf.EventLoop.Native;

namespace Nvmf.Target.Namespaces.Internal;

/// <summary>What a host is told of an error of the operating system.</summary>
internal static class FileError
{
    /// <summary>The file system has no such operation; another way may work.</summary>
    public static bool IsUnsupported(nint result) =>
        result is -Errno.EOPNOTSUPP or -Errno.ENOSYS or -Errno.ENODEV or -Errno.EINVAL;

    /// <summary>No room. The host may try again: somebody may make some.</summary>
    public static bool IsFull(nint result) => result is -Errno.ENOSPC or -Errno.EDQUOT or -Errno.EFBIG;

    public static NvmeStatus OfRead(nint result) => -result is Errno.ENOMEM or Errno.EACCES or Errno.EPERM
        ? NvmeStatus.InternalError
        : NvmeStatus.UnrecoveredReadError;

    public static NvmeStatus OfWrite(nint result) => -result switch
    {
        Errno.ENOSPC or Errno.EDQUOT or Errno.EFBIG => NvmeStatus.CapacityExceeded,
        Errno.EROFS or Errno.EPERM or Errno.EACCES => NvmeStatus.NamespaceWriteProtected.WithDoNotRetry(),
        Errno.ENOMEM => NvmeStatus.InternalError,
        _ => NvmeStatus.WriteFault,
    };
}
