namespace Nvmf.Target.Namespaces;

/// <summary>What a back end is asked to do.</summary>
public enum BackendOperation
{
    /// <summary>Fill the data with blocks.</summary>
    Read,

    /// <summary>Store the data.</summary>
    Write,

    /// <summary>Make every write completed before this request durable.</summary>
    Flush,

    /// <summary>Zero the range; deallocate it where <see cref="BackendRequest.Deallocate"/> allows.</summary>
    WriteZeroes,

    /// <summary>Deallocate the range: a hint; afterwards it reads as zeroes or unchanged, never as other data.</summary>
    Deallocate,

    /// <summary>
    /// Of one block: store the second half of the data if the block holds the first half, otherwise answer Compare Failure with Do Not Retry. Nothing changes the block in
    /// between. Only for back ends that say <see cref="NamespaceBackend.SupportsCompareAndWrite"/>.
    /// </summary>
    CompareAndWrite,
}
