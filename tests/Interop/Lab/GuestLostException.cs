namespace Nvmf.Interop.Lab;

/// <summary>The guest hangs or died; every step after that fails with this, the kernel log in its message.</summary>
public sealed class GuestLostException(string reason, string kernelLog)
    : Exception($"the guest is lost: {reason}\nthe end of its kernel log:\n{kernelLog}");
