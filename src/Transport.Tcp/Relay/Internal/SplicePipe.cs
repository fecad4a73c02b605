using Nvmf.EventLoop.Native;
using Nvmf.Transport.Tcp.Internal;

namespace Nvmf.Transport.Tcp.Relay.Internal;

/// <summary>
/// A kernel pipe between two sockets. Pages wait in it without being copied; how many bytes they are we count ourselves, because the kernel's EAGAIN
/// does not say which side cannot go on.
/// </summary>
internal sealed class SplicePipe(SplicePipePool pool, SafeFileDescriptor readEnd, SafeFileDescriptor writeEnd, int capacity) : RelayChannel
{
    // Calls go by the bare numbers: the pipe is closed by Close alone, which comes from its pool after the last call.
    private readonly int _readEnd = readEnd.Descriptor;
    private readonly int _writeEnd = writeEnd.Descriptor;

    public override int Capacity => capacity;

    public override bool IsSplicing => true;

    /// <summary>What the kernel says is in it, or a negative error.</summary>
    public int AvailableBytes => NativeMethods.AvailableBytes(_readEnd);

    public override nint Fill(TcpSocket source)
    {
        nint moved = source.SpliceTo(_writeEnd, (int)(capacity - Bytes));
        if (moved > 0)
        {
            Bytes += moved;
        }

        return moved;
    }

    public override nint Deliver(TcpSocket target)
    {
        nint moved = target.SpliceFrom(_readEnd, (int)Bytes, more: false);
        if (moved > 0)
        {
            Bytes -= moved;
        }

        return moved;
    }

    public override void Return() => pool.Return(this);

    /// <summary>A pipe begins every life with a count of nothing; that there is nothing in it was proven when it was given back.</summary>
    public void Reset() => Bytes = 0;

    public void Close()
    {
        readEnd.Dispose();
        writeEnd.Dispose();
    }
}
