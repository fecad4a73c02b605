using Nvmf.Abstractions.Connections;

namespace DiskCopy;

/// <summary>What to copy where.</summary>
/// <param name="File">The image file.</param>
/// <param name="Paths">Addresses of the subsystem, one per path.</param>
/// <param name="Nqn">The subsystem; null: the only one that discovery finds.</param>
/// <param name="Namespace">NSID.</param>
/// <param name="Depth">Chunks in flight.</param>
/// <param name="Verify">Read everything again and compare it with the file.</param>
/// <param name="Quiet">No progress bar.</param>
/// <param name="HostNqn">The name of this host; null: one of its own.</param>
/// <param name="HostSecret">Where the secret of this host is; null for none.</param>
/// <param name="ControllerSecret">Where the secret of the controller is, which must then prove itself; null for none.</param>
internal sealed record CopyOptions(
    FileInfo File,
    FabricsAddress[] Paths,
    string? Nqn,
    uint Namespace,
    int Depth,
    bool Verify,
    bool Quiet,
    string? HostNqn,
    string? HostSecret,
    string? ControllerSecret);
