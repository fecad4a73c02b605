using Microsoft.Win32.SafeHandles;
using Nvmf.EventLoop.Native;

namespace Nvmf.Target.Namespaces.Internal;

/// <summary>A file or block device through Linux's page cache.</summary>
internal sealed unsafe class LinuxFileDevice : FileDevice
{
    private readonly SafeFileHandle _file;

    // tmpfs refuses RWF_NOWAIT, but has no disk to wait for.
    private readonly int _noWait;

    // Linux reports a lost write once to every open file, at its next sync. Durable writes therefore go by files of their own, each used by
    // one thread at a time: no sync takes away the error of a flush, or of another durable write.
    private readonly Stack<SafeFileHandle> _durableFiles = [];

    public LinuxFileDevice(SafeFileHandle file, bool writable)
    {
        _file = file;

        bool inMemory = NativeMethods.GetFileSystemType(file, out long type) >= 0 && type == NativeMethods.TmpfsMagic;
        _noWait = inMemory ? 0 : NativeMethods.ReadWriteNoWait;

        // Behind the end there is nothing to lose: the call shows whether the file system can do it at all.
        CanPunchHoles = writable && NativeMethods.AllocateFile(
            file, NativeMethods.FallocatePunchHole, (Length + 0xFFFF) & ~0xFFFFL, PreferredGranularity) >= 0;
    }

    public override long Length => NativeMethods.FileEnd(_file);

    public override bool CanPunchHoles { get; }

    public override nint ReadNow(byte* destination, nint length, long offset) =>
        NativeMethods.ReadFile(_file, destination, (nuint)length, offset, _noWait);

    public override nint WriteNow(byte* source, nint length, long offset)
    {
        // File systems without non-blocking buffered writes (ext4) answer either way, depending on the kernel.
        nint result = NativeMethods.WriteFile(_file, source, (nuint)length, offset, _noWait);
        return result == -Errno.EINVAL ? -Errno.EOPNOTSUPP : result;
    }

    public override nint Read(byte* destination, nint length, long offset) =>
        NativeMethods.ReadFile(_file, destination, (nuint)length, offset);

    public override nint Write(byte* source, nint length, long offset, bool durable)
    {
        if (!durable)
        {
            return NativeMethods.WriteFile(_file, source, (nuint)length, offset);
        }

        if (RentDurableFile() is not { } file)
        {
            return -Errno.EOPNOTSUPP;
        }

        nint result = NativeMethods.WriteFile(file, source, (nuint)length, offset, NativeMethods.ReadWriteDataSync);
        lock (_durableFiles)
        {
            _durableFiles.Push(file);
        }

        return result;
    }

    public override int Sync() => NativeMethods.SyncFileData(_file);

    public override int ZeroRange(long offset, long length) =>
        NativeMethods.AllocateFile(_file, NativeMethods.FallocateZeroRange, offset, length);

    public override int PunchHole(long offset, long length) =>
        NativeMethods.AllocateFile(_file, NativeMethods.FallocatePunchHole, offset, length);

    public override int SetLength(long length) => NativeMethods.TruncateFile(_file, length);

    public override void Dispose()
    {
        while (_durableFiles.TryPop(out SafeFileHandle? file))
        {
            file.Dispose();
        }

        _file.Dispose();
    }

    private SafeFileHandle? RentDurableFile()
    {
        lock (_durableFiles)
        {
            if (_durableFiles.TryPop(out SafeFileHandle? file))
            {
                return file;
            }
        }

        // Another open file of the same inode, whatever became of the path since.
        int descriptor = NativeMethods.OpenFile($"/proc/self/fd/{_file.DangerousGetHandle()}", NativeMethods.OpenReadWrite, 0);
        return descriptor < 0 ? null : new SafeFileHandle(descriptor, ownsHandle: true);
    }
}
