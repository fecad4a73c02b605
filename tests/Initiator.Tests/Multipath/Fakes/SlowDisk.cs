using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Namespaces;

namespace Nvmf.Initiator.Tests.Multipath.Fakes;

/// <summary>
/// The medium behind several lives of a target: it outlives them, and some of its writes take their time. What an old target has begun is still written, as on a disk.
/// </summary>
internal sealed class SlowDisk(long size, int blockSize, int seed) : NamespaceBackend
{
    private readonly MemoryBackend _inner = new(size, blockSize);
    private readonly Random _random = new(seed);
    private BackendRequest? _held;
    private int _holdNext;

    /// <summary>One of this many writes is slow; 0: none.</summary>
    public int OneSlowIn { get; set; }

    /// <summary>Longest time of a slow write.</summary>
    public TimeSpan Slowest { get; set; } = TimeSpan.FromMilliseconds(30);

    /// <summary>True while a write is held back.</summary>
    public bool Holds => Volatile.Read(ref _held) is not null;

    public override int BlockSize => _inner.BlockSize;

    public override ulong BlockCount => _inner.BlockCount;

    public override bool HasVolatileWriteCache => false;

    /// <summary>The next write is held back until <see cref="GoOn"/>.</summary>
    public void HoldNextWrite() => Volatile.Write(ref _holdNext, 1);

    /// <summary>Executes what is held back.</summary>
    public void GoOn()
    {
        if (Interlocked.Exchange(ref _held, null) is { } request)
        {
            Execute(request);
        }
    }

    public override bool Submit(BackendRequest request, out NvmeStatus status)
    {
        if (request.Operation == BackendOperation.Write && Interlocked.Exchange(ref _holdNext, 0) != 0)
        {
            status = default;
            Volatile.Write(ref _held, request);
            return false;
        }

        if (request.Operation == BackendOperation.Write && OneSlowIn > 0)
        {
            TimeSpan delay;
            lock (_random)
            {
                delay = _random.Next(OneSlowIn) == 0 ? Slowest * _random.NextDouble() : TimeSpan.Zero;
            }

            if (delay > TimeSpan.Zero)
            {
                status = default;
                _ = LaterAsync(request, delay);
                return false;
            }
        }

        return _inner.Submit(request, out status);
    }

    // The target that used it is gone; the next one comes.
    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task LaterAsync(BackendRequest request, TimeSpan delay)
    {
        await Task.Delay(delay);
        Execute(request);
    }

    private void Execute(BackendRequest request)
    {
        if (!_inner.Submit(request, out var status))
        {
            throw new InvalidOperationException("The memory disk answers at once.");
        }

        request.Complete(status);
    }
}
