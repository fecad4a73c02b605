using Nvmf.Abstractions.Fabrics;
using Nvmf.Bench.Load;
using Nvmf.Target.Namespaces;

namespace Nvmf.Teardown.Tests.Targets;

/// <summary>A disk whose blocks read as stamps of their own address: no memory, and every answer can be checked without asking what was written. Drops writes.</summary>
internal sealed class StampedBackend : NamespaceBackend
{
    public const ulong Generation = 0x5EED;

    public override int BlockSize => Stamp.Unit;

    public override ulong BlockCount => 1 << 20;

    public override bool HasVolatileWriteCache => false;

    public override bool Submit(BackendRequest request, out NvmeStatus status)
    {
        if (TryGetRange(request, out long offset, out _, out status) && request.Operation == BackendOperation.Read)
        {
            Stamp.Write(request.Data.Span, (ulong)offset, Generation);
        }

        return true;
    }

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
