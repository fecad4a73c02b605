using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Namespaces;

namespace Nvmf.Target.Tests.Support;

/// <summary>A memory back end that answers some requests at once and others later, from pool threads, in whatever order.</summary>
public sealed class ShufflingBackend(long size, int blockSize, int seed) : NamespaceBackend
{
    private readonly MemoryBackend _memory = new(size, blockSize);
    private readonly Random _random = new(seed);
    private int _outstanding;

    public override int BlockSize => _memory.BlockSize;

    public override ulong BlockCount => _memory.BlockCount;

    public override bool HasVolatileWriteCache => true;

    public override bool Submit(BackendRequest request, out NvmeStatus status)
    {
        int choice;
        lock (_random)
        {
            choice = _random.Next(8);
        }

        if (choice < 4)
        {
            status = Execute(request);
            return true;
        }

        status = default;
        Interlocked.Increment(ref _outstanding);
        ThreadPool.UnsafeQueueUserWorkItem(
            _ =>
            {
                if (choice == 7)
                {
                    Thread.Yield();
                }

                NvmeStatus result = Execute(request);
                Interlocked.Decrement(ref _outstanding);
                request.Complete(result);
            },
            null);
        return false;
    }

    public override async ValueTask DisposeAsync()
    {
        while (Volatile.Read(ref _outstanding) != 0)
        {
            await Task.Delay(1);
        }

        await _memory.DisposeAsync();
    }

    private NvmeStatus Execute(BackendRequest request)
    {
        if (!_memory.Submit(request, out NvmeStatus status))
        {
            throw new NotSupportedException("Too large for this test back end.");
        }

        return status;
    }
}
