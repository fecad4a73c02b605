using System.Collections.Concurrent;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Namespaces;

namespace Nvmf.Target.Tests.Support;

/// <summary>A memory back end that answers when the test wants: at once, or held until released, on the releasing thread.</summary>
public sealed class GatedBackend(long size = 4 << 20, int blockSize = 512) : NamespaceBackend
{
    private readonly MemoryBackend _memory = new(size, blockSize);
    private readonly ConcurrentQueue<BackendRequest> _held = [];
    private int _submitted;

    public override int BlockSize => _memory.BlockSize;

    public override ulong BlockCount => _memory.BlockCount;

    public override bool HasVolatileWriteCache => true;

    public override bool SupportsCompareAndWrite => FusesCompareAndWrite;

    public bool FusesCompareAndWrite { get; init; } = true;

    /// <summary>Requests wait for <see cref="Release"/>.</summary>
    public volatile bool Hold;

    /// <summary>Which requests are held; null for all.</summary>
    public Func<BackendRequest, bool>? Holds { get; set; }

    /// <summary>Answers every request without doing it.</summary>
    public NvmeStatus? Error { get; set; }

    /// <summary>Thrown by Submit.</summary>
    public Exception? Exception { get; set; }

    public bool IsDisposed { get; private set; }

    public int Held => _held.Count;

    public int Submitted => _submitted;

    public ConcurrentQueue<(BackendOperation Operation, bool ForceUnitAccess, bool Deallocate)> Log { get; } = [];

    public override bool Submit(BackendRequest request, out NvmeStatus status)
    {
        if (IsDisposed)
        {
            throw new InvalidOperationException("Submitted after dispose.");
        }

        Interlocked.Increment(ref _submitted);
        Log.Enqueue((request.Operation, request.ForceUnitAccess, request.Deallocate));
        if (Exception != null)
        {
            throw Exception;
        }

        if (!Hold || Holds?.Invoke(request) == false)
        {
            status = Execute(request);
            return true;
        }

        status = default;
        _held.Enqueue(request);
        return false;
    }

    /// <summary>Answers held requests, the oldest first.</summary>
    public void Release(int count = int.MaxValue)
    {
        while (count-- > 0 && _held.TryDequeue(out BackendRequest? request))
        {
            request.Complete(Execute(request));
        }
    }

    public void Resize(ulong blocks)
    {
        _memory.Resize(blocks);
        OnResized();
    }

    public override async ValueTask DisposeAsync()
    {
        while (!_held.IsEmpty)
        {
            await Task.Delay(1);
        }

        IsDisposed = true;
        await _memory.DisposeAsync();
    }

    private NvmeStatus Execute(BackendRequest request)
    {
        if (Error is { } error)
        {
            return error;
        }

        if (!_memory.Submit(request, out NvmeStatus status))
        {
            throw new NotSupportedException("Too large for this test back end.");
        }

        return status;
    }
}
