using System.Runtime.InteropServices;

namespace Nvmf.Abstractions.Fabrics;

/// <summary>Fixed part of an ANA group descriptor, 32 bytes; the namespace identifiers (32 bits each) follow it (log page 0Ch).</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
public struct AnaGroupDescriptor
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 32;

    /// <summary>ANA group identifier (AGID).</summary>
    [FieldOffset(0)]
    public uint GroupId;

    /// <summary>Number of namespace identifiers that follow (NNV).</summary>
    [FieldOffset(4)]
    public uint NamespaceIds;

    /// <summary>Change count.</summary>
    [FieldOffset(8)]
    public ulong ChangeCount;

    /// <summary>ANA state, bits 3:0.</summary>
    [FieldOffset(16)]
    public AnaState State;
}
