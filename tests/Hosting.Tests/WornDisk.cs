using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Namespaces;

namespace Nvmf.Hosting.Tests;

/// <summary>A disk of no content that says of itself what a test wants it to.</summary>
internal sealed class WornDisk : NamespaceBackend
{
    private string? _complaint;

    public override string? Fault => _complaint;

    public override int BlockSize => 512;

    public override ulong BlockCount => 1024;

    public override bool HasVolatileWriteCache => false;

    public void Complain(string? complaint)
    {
        _complaint = complaint;
        if (complaint is not null)
        {
            OnFaulted();
        }
    }

    public override bool Submit(BackendRequest request, out NvmeStatus status)
    {
        status = NvmeStatus.Success;
        return true;
    }

    /// <summary>What it says of itself from its end on; null: nothing.</summary>
    public string? ComplaintWhenClosed { get; set; }

    public override ValueTask DisposeAsync()
    {
        _complaint = ComplaintWhenClosed ?? _complaint;
        return _complaint is null ? ValueTask.CompletedTask : ValueTask.FromException(new IOException(_complaint));
    }
}
