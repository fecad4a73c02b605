using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace RdmaSharp;

/// <summary>The way to a port (<c>struct ibv_ah_attr</c>).</summary>
[StructLayout(LayoutKind.Explicit, Size = 32)]
public struct AddressVector
{
    /// <summary>The destination's address, with <see cref="IsGlobal"/>; network byte order.</summary>
    [FieldOffset(0)]
    public GidBytes DestinationGid;

    /// <summary>Flow label.</summary>
    [FieldOffset(16)]
    public uint FlowLabel;

    /// <summary>Index of the local address.</summary>
    [FieldOffset(20)]
    public byte SourceGidIndex;

    /// <summary>Hops.</summary>
    [FieldOffset(21)]
    public byte HopLimit;

    /// <summary>Traffic class.</summary>
    [FieldOffset(22)]
    public byte TrafficClass;

    /// <summary>The destination's local identifier (InfiniBand).</summary>
    [FieldOffset(24)]
    public ushort DestinationLid;

    /// <summary>Service level.</summary>
    [FieldOffset(26)]
    public byte ServiceLevel;

    /// <summary>Path bits of the source.</summary>
    [FieldOffset(27)]
    public byte SourcePathBits;

    /// <summary>Limit of the rate, the specification's code.</summary>
    [FieldOffset(28)]
    public byte StaticRate;

    /// <summary>1 if the addresses are used: always with Ethernet.</summary>
    [FieldOffset(29)]
    public byte IsGlobal;

    /// <summary>The local port.</summary>
    [FieldOffset(30)]
    public byte PortNumber;
}

/// <summary>A port's address (<c>union ibv_gid</c>).</summary>
[InlineArray(16)]
public struct GidBytes
{
    private byte _first;
}
