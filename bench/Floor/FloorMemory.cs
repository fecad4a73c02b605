using System.Runtime.InteropServices;
using Nvmf.Abstractions.Buffers;

namespace Nvmf.Bench.Floor;

/// <summary>The floor's memory: one block for answers, one for each transfer it asks for, and a stretch as large as the target's disk for those who copy.</summary>
internal sealed unsafe class FloorMemory : IDisposable
{
    private readonly BufferPool _pool;
    private readonly byte* _disk;
    private readonly BufferLease[] _sinks = new BufferLease[ClientConnection.QueueSize];

    public FloorMemory(BufferPool pool)
    {
        _pool = pool;
        Block = Rent(128 << 10);
        Block.Span.Fill(0x5A);
        _disk = (byte*)NativeMemory.AlignedAlloc((nuint)TargetServer.DiskSize, 4096);
        for (long offset = 0; offset < TargetServer.DiskSize; offset += Block.Length)
        {
            Store(Block.Span, offset);
        }
    }

    public BufferLease Block { get; }

    /// <summary>
    /// Where the data of a command goes. Every command has its own: a server that has asked for a transfer has room for it, and one block for all would stay in the
    /// cache.
    /// </summary>
    public BufferLease SinkOf(ushort commandId)
    {
        ref var sink = ref _sinks[commandId % _sinks.Length];
        if (sink.IsEmpty)
        {
            sink = Rent(128 << 10);
        }

        return sink;
    }

    public BufferLease Load(long address, int length)
    {
        var lease = Rent(length);
        new ReadOnlySpan<byte>(_disk + address, length).CopyTo(lease.Span);
        return lease;
    }

    public void Store(ReadOnlySpan<byte> data, long address) => data.CopyTo(new Span<byte>(_disk + address, data.Length));

    public void Dispose()
    {
        Block.Release();
        foreach (var sink in _sinks)
        {
            sink.Release();
        }

        NativeMemory.AlignedFree(_disk);
    }

    private BufferLease Rent(int length) =>
        _pool.TryRent(length, BufferPriority.InputOutput, out var lease) ? lease : throw new InvalidOperationException("The buffer pool is too small.");
}
