using Nvmf.Target.Namespaces;

namespace Nvmf.Hosting;

/// <summary>One namespace to serve.</summary>
public sealed class NvmeNamespaceOptions
{
    /// <summary>The disk, for example <c>mem:256MiB</c>; see <see cref="Disks.DiskSpecification"/>.</summary>
    public string? Disk { get; set; }

    /// <summary>Namespace identifier, 1 or more. Null: the lowest free one.</summary>
    public uint? Nsid { get; set; }

    /// <summary>
    /// Identity of the namespace towards hosts. Null: derived from the subsystem's NQN and the file's path or the namespace identifier, so that a
    /// host finds the same device after a restart.
    /// </summary>
    public Guid? Uuid { get; set; }

    /// <summary>Makes the back end in place of <see cref="Disk"/>; set in code.</summary>
    internal Func<IServiceProvider, NamespaceBackend>? Backend { get; init; }
}
