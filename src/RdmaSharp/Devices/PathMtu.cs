namespace RdmaSharp;

/// <summary>Largest packet payload (<c>enum ibv_mtu</c>).</summary>
public enum PathMtu
{
    /// <summary>Not said.</summary>
    Unknown = 0,

    /// <summary>256 bytes.</summary>
    Bytes256 = 1,

    /// <summary>512 bytes.</summary>
    Bytes512 = 2,

    /// <summary>1024 bytes.</summary>
    Bytes1024 = 3,

    /// <summary>2048 bytes.</summary>
    Bytes2048 = 4,

    /// <summary>4096 bytes.</summary>
    Bytes4096 = 5,
}
