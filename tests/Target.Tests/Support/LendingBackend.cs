using System.Collections.Concurrent;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Namespaces;

namespace Nvmf.Target.Tests.Support;

/// <summary>One block of memory that reads are lent from, in pieces of one logical block; every byte says where it is.</summary>
public sealed class LendingBackend : NamespaceBackend
{
    private readonly ConcurrentQueue<BackendRequest> _held = [];

    public LendingBackend(BufferPool pool)
    {
        Assert.True(pool.TryRent((int)BlockCount * BlockSize, BufferPriority.InputOutput, out BufferLease memory));
        Memory = memory;
        for (int i = 0; i < memory.Length; i++)
        {
            memory.Span[i] = (byte)(i + (i >> 8));
        }
    }

    public override int BlockSize => 512;

    public override ulong BlockCount => 128;

    public override bool HasVolatileWriteCache => false;

    public override bool LendsMemory => true;

    public BufferLease Memory { get; }

    /// <summary>Requests wait for <see cref="Release"/>.</summary>
    public bool Hold { get; set; }

    /// <summary>Pieces that are missing at the end of every loan.</summary>
    public int Missing { get; set; }

    /// <summary>The answer after the loan.</summary>
    public NvmeStatus Answer { get; set; } = NvmeStatus.Success;

    /// <summary>Thrown after the loan.</summary>
    public Exception? Exception { get; set; }

    public int Filled { get; private set; }

    public int Held => _held.Count;

    public override bool Submit(BackendRequest request, out NvmeStatus status)
    {
        if (!TryGetRange(request, out _, out _, out status))
        {
            return true;
        }

        if (Hold)
        {
            _held.Enqueue(request);
        }
        else
        {
            status = Execute(request);
        }

        return !Hold;
    }

    public void Release()
    {
        while (_held.TryDequeue(out BackendRequest? request))
        {
            request.Complete(Execute(request));
        }
    }

    public override ValueTask DisposeAsync()
    {
        Memory.Release();
        return ValueTask.CompletedTask;
    }

    private NvmeStatus Execute(BackendRequest request)
    {
        int offset = (int)request.StartBlock * BlockSize;
        if (!request.Data.IsEmpty)
        {
            Filled++;
            Memory.Span.Slice(offset, request.Data.Length).CopyTo(request.Data.Span);
            return Answer;
        }

        for (int i = 0; i < (int)request.BlockCount - Missing; i++)
        {
            request.Lend(Memory.Slice(offset + (i * BlockSize), BlockSize).Retain());
        }

        return Exception == null ? Answer : throw Exception;
    }
}
