using Microsoft.Win32.SafeHandles;
using Nvmf.EventLoop.Native;

namespace Nvmf.Target.Reservations;

/// <summary>Makes the names of a directory durable, where the system has that.</summary>
internal static class DirectoryFlush
{
    /// <exception cref="IOException">The medium, or the file system, has refused.</exception>
    public static void Flush(string directory)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        int descriptor = NativeMethods.OpenFile(directory, NativeMethods.OpenReadOnly, 0);
        int result = descriptor;
        if (descriptor >= 0)
        {
            using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
            result = NativeMethods.SyncFileData(handle);
        }

        // Some file systems know no flush of a directory, and need none.
        if (result < 0 && result != -Errno.EINVAL)
        {
            throw new IOException($"The directory {directory} could not be flushed (error {-result}).");
        }
    }
}
