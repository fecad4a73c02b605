using System.Runtime.InteropServices;

namespace Nvmf.EventLoop.Native;

/// <summary>Owns a file descriptor. Whoever passes the bare number to the kernel must know that the owner lives.</summary>
internal sealed class SafeFileDescriptor : SafeHandle
{
    public SafeFileDescriptor(int descriptor) : base(-1, ownsHandle: true) => SetHandle(descriptor);

    public override bool IsInvalid => handle < 0;

    public int Descriptor => (int)handle;

    protected override bool ReleaseHandle() => NativeMethods.CloseDescriptor((int)handle) >= 0;
}
