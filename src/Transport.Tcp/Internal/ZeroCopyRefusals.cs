using Nvmf.EventLoop.Native;

namespace Nvmf.Transport.Tcp.Internal;

/// <summary>Which errors refuse a way of sending.</summary>
internal static class ZeroCopyRefusals
{
    /// <summary>True when <paramref name="errno"/> refuses the way of sending, not the sending.</summary>
    public static bool TryFrom(int errno, out ZeroCopyRefusal refusal)
    {
        refusal = errno switch
        {
            Errno.ENOBUFS => ZeroCopyRefusal.NoBuffers,
            Errno.ENOMEM => ZeroCopyRefusal.OutOfMemory,
            Errno.EFAULT => ZeroCopyRefusal.CannotPin,
            _ => ZeroCopyRefusal.NotSupported,
        };
        return errno is Errno.ENOBUFS or Errno.ENOMEM or Errno.EFAULT or Errno.EINVAL or Errno.EOPNOTSUPP or Errno.EMSGSIZE;
    }
}
