using System.Runtime.InteropServices;

namespace RdmaSharp;

/// <summary>State and abilities of a port (<c>struct ibv_port_attr</c>, ibv_query_port(3)).</summary>
[StructLayout(LayoutKind.Explicit, Size = 52)]
public readonly struct PortAttributes
{
    [FieldOffset(0)] private readonly PortState _state;
    [FieldOffset(4)] private readonly PathMtu _maxMtu;
    [FieldOffset(8)] private readonly PathMtu _activeMtu;
    [FieldOffset(12)] private readonly int _gidTableLength;
    [FieldOffset(20)] private readonly uint _maxMessageSize;
    [FieldOffset(34)] private readonly ushort _lid;
    [FieldOffset(43)] private readonly byte _activeWidth;
    [FieldOffset(44)] private readonly byte _activeSpeed;
    [FieldOffset(46)] private readonly LinkLayer _linkLayer;

    /// <summary>State of the port.</summary>
    public PortState State => _state;

    /// <summary>Largest packet that the port could carry.</summary>
    public PathMtu MaxMtu => _maxMtu;

    /// <summary>Largest packet that it carries now.</summary>
    public PathMtu ActiveMtu => _activeMtu;

    /// <summary>Entries of its address table.</summary>
    public int GidTableLength => _gidTableLength;

    /// <summary>Longest message, bytes.</summary>
    public uint MaxMessageSize => _maxMessageSize;

    /// <summary>Local identifier (InfiniBand).</summary>
    public int Lid => _lid;

    /// <summary>Lanes in use, the specification's code.</summary>
    public byte ActiveWidth => _activeWidth;

    /// <summary>Speed in use, the specification's code.</summary>
    public byte ActiveSpeed => _activeSpeed;

    /// <summary>What is under the port.</summary>
    public LinkLayer LinkLayer => _linkLayer;
}
