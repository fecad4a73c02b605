using Microsoft.Win32.SafeHandles;
using Nvmf.EventLoop.Native;

namespace Nvmf.Target.Tests.Namespaces;

/// <summary>How many bytes of a file are not holes.</summary>
internal static class FileAllocation
{
    public static long Of(string path)
    {
        using SafeFileHandle handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        return Of(handle);
    }

    /// <summary>Of an image that a back end has locked.</summary>
    public static long OfLocked(string path)
    {
        int descriptor = NativeMethods.OpenFile(path, NativeMethods.OpenReadOnly, 0);
        Assert.True(descriptor >= 0);
        using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        return Of(handle);
    }

    private static long Of(SafeFileHandle handle)
    {
        Assert.True(NativeMethods.GetFileStatus(handle, out FileStatus status) >= 0);
        return status.Blocks * 512;
    }
}
