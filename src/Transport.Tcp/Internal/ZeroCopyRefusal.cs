namespace Nvmf.Transport.Tcp.Internal;

/// <summary>Why bytes that should have gone out without copying were copied.</summary>
internal enum ZeroCopyRefusal
{
    /// <summary>ENOBUFS: RLIMIT_MEMLOCK of the user, or net.core.optmem_max, is used up.</summary>
    NoBuffers,

    /// <summary>ENOMEM.</summary>
    OutOfMemory,

    /// <summary>EFAULT: the pages cannot be pinned.</summary>
    CannotPin,

    /// <summary>EINVAL, EOPNOTSUPP, EMSGSIZE: the socket cannot send this way.</summary>
    NotSupported,

    /// <summary>After a refusal, until a notification shows that resources came back.</summary>
    HeldBack,
}
