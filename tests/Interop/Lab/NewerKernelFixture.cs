namespace Nvmf.Interop.Lab;

/// <summary>A guest with Linux 6.12: a stricter initiator, and the only soft RDMA device that reports the last work request.</summary>
public sealed class NewerKernelFixture : LabFixture
{
    /// <inheritdoc/>
    protected override string? Kernel => "6.12";
}

/// <summary>The tests that share that guest.</summary>
[CollectionDefinition(Name)]
public sealed class NewerKernelCollection : ICollectionFixture<NewerKernelFixture>
{
    /// <summary>Its name.</summary>
    public const string Name = "lab, newer kernel";
}
