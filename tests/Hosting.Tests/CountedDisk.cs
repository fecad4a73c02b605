using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Namespaces;

namespace Nvmf.Hosting.Tests;

/// <summary>A disk of no content that counts how often it is closed.</summary>
internal sealed class CountedDisk : NamespaceBackend
{
    private int _disposals;

    public int Disposals => Volatile.Read(ref _disposals);

    public override int BlockSize => 512;

    public override ulong BlockCount => 1024;

    public override bool HasVolatileWriteCache => false;

    public override bool Submit(BackendRequest request, out NvmeStatus status)
    {
        status = NvmeStatus.Success;
        return true;
    }

    public override ValueTask DisposeAsync()
    {
        Interlocked.Increment(ref _disposals);
        return ValueTask.CompletedTask;
    }
}
