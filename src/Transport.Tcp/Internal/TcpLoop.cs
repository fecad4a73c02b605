using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Nvmf.EventLoop;
using Nvmf.EventLoop.Native;

namespace Nvmf.Transport.Tcp.Internal;

/// <summary>What the connections of one transport share on one loop.</summary>
internal sealed unsafe class TcpLoop(EventLoopThread thread)
{
    private readonly IoVector[] _vectors = GC.AllocateUninitializedArray<IoVector>(SocketConstants.IOV_MAX, pinned: true);

    public EventLoopThread Thread => thread;

    public TcpCounters Counters { get; } = new();

    public ReceiveBlocks ReceiveBlocks { get; } = new(thread);

    /// <summary>Room for the vectors of one send: <see cref="SocketConstants.IOV_MAX"/>.</summary>
    public IoVector* Vectors => (IoVector*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_vectors));

    /// <summary>Where headers go that nobody will send any more.</summary>
    public byte[] DiscardedHeaders { get; } = new byte[HeaderStaging.BlockSize];

    /// <summary>After the last connection.</summary>
    public void End() => ReceiveBlocks.Dispose();
}
