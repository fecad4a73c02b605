using System.Runtime.InteropServices;
using Nvmf.EventLoop.Native;

namespace Nvmf.Transport.Rdma.Tests.Virtual;

/// <summary>A descriptor that is readable while it is set: an eventfd.</summary>
internal sealed partial class Signal
{
    private const int NonBlocking = 0x800;
    private bool _set;

    public SafeFileDescriptor Descriptor { get; } = new(EventFd(0, NonBlocking));

    public void Set(bool value)
    {
        if (value == _set)
        {
            return;
        }

        _set = value;
        ulong count = 1;
        _ = value ? Write(Descriptor.Descriptor, in count, sizeof(ulong)) : Read(Descriptor.Descriptor, out count, sizeof(ulong));
    }

    public void Close() => Descriptor.Dispose();

    [LibraryImport("libc", EntryPoint = "eventfd")]
    private static partial int EventFd(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "write")]
    private static partial nint Write(int descriptor, in ulong value, nint length);

    [LibraryImport("libc", EntryPoint = "read")]
    private static partial nint Read(int descriptor, out ulong value, nint length);
}
