using Nvmf.Target;

namespace Nvmf.Hosting;

/// <summary>A namespace at one moment.</summary>
/// <param name="Nsid">Namespace identifier.</param>
/// <param name="Uuid">Identity towards hosts.</param>
/// <param name="BlockSize">Logical block size in bytes.</param>
/// <param name="SizeInBytes">Size.</param>
/// <param name="ReadOnly">Writes are refused.</param>
/// <param name="Disk">The disk as it was given; null for a back end made in code.</param>
/// <param name="Reservation">Who is registered with it and holds it.</param>
public sealed record NvmeNamespaceInfo(uint Nsid, Guid Uuid, int BlockSize, long SizeInBytes, bool ReadOnly, string? Disk, ReservationInfo Reservation);
