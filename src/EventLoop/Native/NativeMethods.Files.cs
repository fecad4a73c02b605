using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Nvmf.EventLoop.Native;

internal static unsafe partial class NativeMethods
{
    public const int OpenReadOnly = 0;
    public const int OpenReadWrite = 2;
    public const int OpenCreateExclusive = 0x40 | 0x80;

    /// <summary>Do not wait: neither for a disk nor for a lock (Linux 4.14 for reads; buffered writes where the file system can).</summary>
    public const int ReadWriteNoWait = 0x8;

    /// <summary>The bytes written are durable on return.</summary>
    public const int ReadWriteDataSync = 0x2;

    public const int LockShared = 1;
    public const int LockExclusive = 2;

    public const long TmpfsMagic = 0x01021994;

    public const int FallocatePunchHole = 0x1 | 0x2;
    public const int FallocateZeroRange = 0x1 | 0x10;

    private const int OpenCloseOnExec = 0x80000;
    private const int OpenNonBlocking = 0x800;
    private const int LockDoNotWait = 4;
    private const int SeekEnd = 2;

    /// <summary>
    /// Opens a file. Non-blocking, so that the open of a FIFO returns; regular files and block devices ignore that.
    /// </summary>
    public static int OpenFile(string path, int flags, uint mode) => Result(Open(path, flags | OpenCloseOnExec | OpenNonBlocking, mode));

    public static nint ReadFile(SafeFileHandle file, byte* buffer, nuint length, long offset) => Result(PRead(file, buffer, length, offset));

    public static nint WriteFile(SafeFileHandle file, byte* buffer, nuint length, long offset) => Result(PWrite(file, buffer, length, offset));

    public static nint ReadFile(SafeFileHandle file, byte* buffer, nuint length, long offset, int flags)
    {
        var vector = new IoVector(buffer, 0) { Length = length };
        return Result(PReadV2(file, &vector, 1, offset, flags));
    }

    public static nint WriteFile(SafeFileHandle file, byte* buffer, nuint length, long offset, int flags)
    {
        var vector = new IoVector(buffer, 0) { Length = length };
        return Result(PWriteV2(file, &vector, 1, offset, flags));
    }

    public static int SyncFileData(SafeFileHandle file) => Result(FDataSync(file));

    public static int AllocateFile(SafeFileHandle file, int mode, long offset, long length) => Result(FAllocate(file, mode, offset, length));

    public static int TruncateFile(SafeFileHandle file, long length) => Result(FTruncate(file, length));

    /// <summary>Position of the end: the size of a file and of a block device.</summary>
    public static long FileEnd(SafeFileHandle file) => Result((nint)LSeek(file, 0, SeekEnd));

    /// <summary>Takes an advisory lock or fails with <see cref="Errno.EAGAIN"/>. It goes with the last descriptor of this open.</summary>
    public static int LockFile(SafeFileHandle file, int operation) => Result(FLock(file, operation | LockDoNotWait));

    /// <summary>What kind of file and how much of it is allocated.</summary>
    public static int GetFileStatus(SafeFileHandle file, out FileStatus status)
    {
        const int emptyPath = 0x1000;
        const uint basicStatistics = 0x7FF;
        status = default;
        fixed (FileStatus* pointer = &status)
        {
            return Result(StatX(file, "", emptyPath, basicStatistics, pointer));
        }
    }

    /// <summary>Magic number of the file system that a file is on.</summary>
    public static int GetFileSystemType(SafeFileHandle file, out long type)
    {
        // struct statfs, of which the first field matters here, has 120 bytes.
        long* status = stackalloc long[32];
        int result = Result(FStatFs(file, status));
        type = status[0];
        return result;
    }

    [LibraryImport(Library, EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags, uint mode);

    [LibraryImport(Library, EntryPoint = "pread")]
    private static partial nint PRead(SafeFileHandle file, byte* buffer, nuint length, long offset);

    [LibraryImport(Library, EntryPoint = "pwrite")]
    private static partial nint PWrite(SafeFileHandle file, byte* buffer, nuint length, long offset);

    [LibraryImport(Library, EntryPoint = "preadv2")]
    private static partial nint PReadV2(SafeFileHandle file, IoVector* vectors, int count, long offset, int flags);

    [LibraryImport(Library, EntryPoint = "pwritev2")]
    private static partial nint PWriteV2(SafeFileHandle file, IoVector* vectors, int count, long offset, int flags);

    [LibraryImport(Library, EntryPoint = "fdatasync")]
    private static partial int FDataSync(SafeFileHandle file);

    [LibraryImport(Library, EntryPoint = "fallocate")]
    private static partial int FAllocate(SafeFileHandle file, int mode, long offset, long length);

    [LibraryImport(Library, EntryPoint = "ftruncate")]
    private static partial int FTruncate(SafeFileHandle file, long length);

    [LibraryImport(Library, EntryPoint = "lseek")]
    private static partial long LSeek(SafeFileHandle file, long offset, int origin);

    [LibraryImport(Library, EntryPoint = "flock")]
    private static partial int FLock(SafeFileHandle file, int operation);

    [LibraryImport(Library, EntryPoint = "fstatfs")]
    private static partial int FStatFs(SafeFileHandle file, long* status);

    [LibraryImport(Library, EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(SafeFileHandle file, string path, int flags, uint mask, FileStatus* status);
}
