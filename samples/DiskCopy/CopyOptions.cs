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
internal sealed record CopyOptions(FileInfo File, FabricsAddress[] Paths, string? Nqn, uint Namespace, int Depth, bool Verify, bool Quiet);
