using Microsoft.Win32.SafeHandles;
using Nvmf.EventLoop.Native;

namespace Nvmf.Target.Namespaces.Internal;

/// <summary>A file through .NET's own calls, for systems other than Linux: every request waits on a thread.</summary>
internal sealed unsafe class PortableFileDevice(SafeFileHandle file) : FileDevice
{
    private const int WindowsHandleDiskFull = unchecked((int)0x80070027);
    private const int WindowsDiskFull = unchecked((int)0x80070070);

    public override long Length => RandomAccess.GetLength(file);

    public override bool CanPunchHoles => false;

    public override nint ReadNow(byte* destination, nint length, long offset) => -Errno.EOPNOTSUPP;

    public override nint WriteNow(byte* source, nint length, long offset) => -Errno.EOPNOTSUPP;

    public override nint Read(byte* destination, nint length, long offset)
    {
        try
        {
            return RandomAccess.Read(file, new Span<byte>(destination, (int)length), offset);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return -ErrorNumber(exception);
        }
    }

    public override nint Write(byte* source, nint length, long offset, bool durable)
    {
        if (durable)
        {
            return -Errno.EOPNOTSUPP;
        }

        try
        {
            RandomAccess.Write(file, new ReadOnlySpan<byte>(source, (int)length), offset);
            return length;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return -ErrorNumber(exception);
        }
    }

    public override int Sync()
    {
        try
        {
            RandomAccess.FlushToDisk(file);
            return 0;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return -ErrorNumber(exception);
        }
    }

    public override int ZeroRange(long offset, long length) => -Errno.EOPNOTSUPP;

    public override int PunchHole(long offset, long length) => -Errno.EOPNOTSUPP;

    public override int SetLength(long length)
    {
        try
        {
            RandomAccess.SetLength(file, length);
            return 0;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return -ErrorNumber(exception);
        }
    }

    public override void Dispose() => file.Dispose();

    private static int ErrorNumber(Exception exception) => exception.HResult switch
    {
        WindowsHandleDiskFull or WindowsDiskFull or Errno.ENOSPC => Errno.ENOSPC,
        _ when exception is UnauthorizedAccessException => Errno.EACCES,
        _ => Errno.EIO,
    };
}
