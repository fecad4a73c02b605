using Nvmf.Abstractions.Buffers;
using Nvmf.Transport.Rdma.Adapter;
using Nvmf.Transport.Rdma.Memory;

namespace Nvmf.Transport.Rdma.Connections;

/// <summary>The operations of a send queue, each with room for a header (a capsule or a response) in registered memory. On the loop only.</summary>
internal sealed unsafe class SendOperations
{
    private readonly SendOperation[] _operations;
    private readonly int _headerSize;
    private BufferLease _headers;
    private uint _headerKey;
    private SendOperation? _free;

    private SendOperations(int count, int headerSize)
    {
        _headerSize = headerSize;
        _operations = new SendOperation[count];
        for (int i = count - 1; i >= 0; i--)
        {
            _operations[i] = new SendOperation(i);
            Return(_operations[i]);
        }
    }

    public ReadOnlySpan<SendOperation> All => _operations;

    public bool HasFree => _free is not null;

    public static SendOperations? TryCreate(BufferPool pool, RegisteredPool registered, BufferPriority priority, int count, int headerSize)
    {
        var operations = new SendOperations(count, headerSize);
        if (pool.TryRent(count * headerSize, priority, out operations._headers))
        {
            if (registered.TryGetRegion(operations._headers, out AdapterMemoryRegion region))
            {
                operations._headerKey = region.LocalKey;
                return operations;
            }

            operations._headers.Release();
        }

        return null;
    }

    public SendOperation Rent()
    {
        SendOperation operation = _free!;
        _free = operation.NextFree;
        operation.NextFree = null;
        return operation;
    }

    public void Return(SendOperation operation)
    {
        operation.NextFree = _free;
        _free = operation;
    }

    /// <summary>The operation that a completion is of; null when the slot has moved on.</summary>
    public SendOperation? Find(int slot, byte generation) =>
        slot < _operations.Length && _operations[slot] is { Posted: > 0 } operation && operation.Generation == generation ? operation : null;

    public Span<byte> Header(SendOperation operation) => _headers.Span.Slice(operation.Slot * _headerSize, _headerSize);

    public WorkRequestElement HeaderElement(SendOperation operation) =>
        new((ulong)(_headers.Pointer + ((long)operation.Slot * _headerSize)), (uint)_headerSize, _headerKey);

    public void Free()
    {
        _headers.Release();
        _headers = default;
    }

    public long Quarantine()
    {
        long bytes = _headers.Length;
        _headers.Quarantine();
        _headers = default;
        return bytes;
    }
}
