using System.Collections.Concurrent;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Namespaces;

namespace Nvmf.Initiator.Tests.Fakes;

/// <summary>A memory disk that keeps requests until told to go on.</summary>
internal sealed class HoldingBackend(long size, int blockSize) : NamespaceBackend
{
    private readonly MemoryBackend _inner = new(size, blockSize);
    private readonly ConcurrentQueue<BackendRequest> _held = new();
    private readonly ConcurrentDictionary<BackendOperation, int> _seen = new();
    private volatile bool _holding;

    public override int BlockSize => _inner.BlockSize;

    public override ulong BlockCount => _inner.BlockCount;

    public override bool HasVolatileWriteCache => _inner.HasVolatileWriteCache;

    /// <summary>Requests held now.</summary>
    public int Held => _held.Count;

    /// <summary>What every request gets instead of being done; null for the real thing.</summary>
    public NvmeStatus? Verdict { get; set; }

    /// <summary>Whether the last write was to be durable.</summary>
    public bool LastForceUnitAccess { get; private set; }

    public int Seen(BackendOperation operation) => _seen.GetValueOrDefault(operation);

    public void Hold() => _holding = true;

    public void GoOn()
    {
        _holding = false;
        while (_held.TryDequeue(out var request))
        {
            request.Complete(Do(request));
        }
    }

    public override bool Submit(BackendRequest request, out NvmeStatus status)
    {
        _seen.AddOrUpdate(request.Operation, 1, static (_, count) => count + 1);
        if (request.Operation == BackendOperation.Write)
        {
            LastForceUnitAccess = request.ForceUnitAccess;
        }

        if (_holding)
        {
            status = default;
            _held.Enqueue(request);
            return false;
        }

        status = Do(request);
        return true;
    }

    public override ValueTask DisposeAsync()
    {
        GoOn();
        return _inner.DisposeAsync();
    }

    private NvmeStatus Do(BackendRequest request)
    {
        if (Verdict is { } verdict)
        {
            return verdict;
        }

        if (!_inner.Submit(request, out var status))
        {
            throw new InvalidOperationException("The memory disk answers at once.");
        }

        return status;
    }
}
