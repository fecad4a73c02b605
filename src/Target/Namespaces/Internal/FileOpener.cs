using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Nvmf.EventLoop.Native;

namespace Nvmf.Target.Namespaces.Internal;

/// <summary>Opens and locks an image, or says in one sentence why not.</summary>
internal static class FileOpener
{
    private const uint OwnerReadWrite = 0x180; // 0600: a disk image is nobody else's business.

    public static FileDevice Open(string path, FileBackendOptions options) =>
        OperatingSystem.IsLinux() ? OpenOnLinux(path, options) : OpenPortably(path, options);

    private static LinuxFileDevice OpenOnLinux(string path, FileBackendOptions options)
    {
        FileSizeSignal.TurnIntoError();
        int access = options.ReadOnly ? NativeMethods.OpenReadOnly : NativeMethods.OpenReadWrite;
        int descriptor = NativeMethods.OpenFile(path, access, 0);
        if (descriptor == -Errno.ENOENT && options is { ReadOnly: false, SizeInBytes: not null })
        {
            descriptor = NativeMethods.OpenFile(path, access | NativeMethods.OpenCreateExclusive, OwnerReadWrite);
        }

        if (descriptor < 0)
        {
            throw Refusal(path, -descriptor, options);
        }

        var file = new SafeFileHandle(descriptor, ownsHandle: true);
        try
        {
            int result = NativeMethods.GetFileStatus(file, out FileStatus status);
            if (result < 0)
            {
                throw Refusal(path, -result, options);
            }

            if (status.IsDirectory)
            {
                throw Refusal(path, Errno.EISDIR, options);
            }

            if (!status.IsRegularFile && !status.IsBlockDevice)
            {
                throw new BackendOpenException($"'{path}' is neither a file nor a block device.");
            }

            result = NativeMethods.LockFile(file, options.ReadOnly ? NativeMethods.LockShared : NativeMethods.LockExclusive);
            if (result == -Errno.EAGAIN)
            {
                throw Refusal(path, Errno.EBUSY, options);
            }

            // Other errors: a file system without locks, whose user must take care himself.
            return new LinuxFileDevice(file, writable: !options.ReadOnly);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static PortableFileDevice OpenPortably(string path, FileBackendOptions options)
    {
        try
        {
            bool create = options is { ReadOnly: false, SizeInBytes: not null };
            return new PortableFileDevice(File.OpenHandle(
                path,
                create ? FileMode.OpenOrCreate : FileMode.Open,
                options.ReadOnly ? FileAccess.Read : FileAccess.ReadWrite,
                options.ReadOnly ? FileShare.Read : FileShare.None));
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw Refusal(path, Errno.ENOENT, options, exception);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw Refusal(path, Directory.Exists(path) ? Errno.EISDIR : Errno.EACCES, options, exception);
        }
        catch (IOException exception)
        {
            const int sharingViolation = unchecked((int)0x80070020);
            throw exception.HResult is sharingViolation or Errno.EAGAIN
                ? Refusal(path, Errno.EBUSY, options, exception)
                : new BackendOpenException($"The disk image '{path}' cannot be opened: {exception.Message}", exception);
        }
    }

    private static BackendOpenException Refusal(string path, int error, FileBackendOptions options, Exception? inner = null) =>
        new(Explain(path, error, options), inner) { IsInUse = error is Errno.EBUSY or Errno.ETXTBSY };

    private static string Explain(string path, int error, FileBackendOptions options) => error switch
    {
        Errno.ENOENT when options.SizeInBytes != null && !options.ReadOnly =>
            $"The disk image '{path}' cannot be created: its directory does not exist.",
        Errno.ENOENT or Errno.ENOTDIR when options.ReadOnly => $"The disk image '{path}' does not exist.",
        Errno.ENOENT or Errno.ENOTDIR => $"The disk image '{path}' does not exist; give a size to create it.",
        Errno.EISDIR => $"'{path}' is a directory, not a disk image.",
        Errno.EACCES or Errno.EPERM =>
            $"There is no permission to open the disk image '{path}' for {(options.ReadOnly ? "reading" : "reading and writing")}.",
        Errno.EROFS => $"The disk image '{path}' is on a read-only file system; open it read-only.",
        Errno.ETXTBSY or Errno.EBUSY => $"The disk image '{path}' is in use by another target or program.",
        _ => $"The disk image '{path}' cannot be opened: {Marshal.GetPInvokeErrorMessage(error)}.",
    };
}
