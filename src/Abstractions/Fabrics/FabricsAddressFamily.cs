namespace Nvmf.Abstractions.Fabrics;

/// <summary>ADRFAM of a discovery log entry.</summary>
public enum FabricsAddressFamily : byte
{
    /// <summary>Given by the transport.</summary>
    None = 0,

    /// <summary>IPv4, dotted decimal.</summary>
    IPv4 = 1,

    /// <summary>IPv6, RFC 5952 text.</summary>
    IPv6 = 2,

    /// <summary>InfiniBand.</summary>
    InfiniBand = 3,

    /// <summary>Fibre Channel.</summary>
    FibreChannel = 4,

    /// <summary>Loopback within a host.</summary>
    IntraHost = 254,
}
