namespace Nvmf.Target.Diagnostics;

/// <summary>What hosts read from and wrote to a subsystem.</summary>
/// <param name="SectorsRead">Units of 512 bytes.</param>
/// <param name="SectorsWritten">Units of 512 bytes.</param>
/// <param name="Reads">Read and Compare commands.</param>
/// <param name="Writes">Write commands.</param>
internal readonly record struct SubsystemTraffic(ulong SectorsRead, ulong SectorsWritten, ulong Reads, ulong Writes);
