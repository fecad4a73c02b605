using System.Runtime.InteropServices;

namespace RdmaSharp;

/// <summary>A piece of local memory in a work request (<c>struct ibv_sge</c>).</summary>
/// <param name="address">Where it starts.</param>
/// <param name="length">Bytes; 0 means 2^31 to some devices, so leave empty pieces out.</param>
/// <param name="localKey">Key of its memory region.</param>
[StructLayout(LayoutKind.Explicit, Size = 16)]
public struct ScatterGatherEntry(ulong address, uint length, uint localKey)
{
    /// <summary>Where it starts.</summary>
    [FieldOffset(0)]
    public ulong Address = address;

    /// <summary>Bytes.</summary>
    [FieldOffset(8)]
    public uint Length = length;

    /// <summary>Key of its memory region.</summary>
    [FieldOffset(12)]
    public uint LocalKey = localKey;
}
