namespace Nvmf.Abstractions.Fabrics;

/// <summary>NSFEAT of the command set independent Identify Namespace.</summary>
[Flags]
public enum IndependentNamespaceFeatures : byte
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>NGUID and EUI64 are never reused (UIDREUSE).</summary>
    IdentifiersNeverReused = 1 << 3,

    /// <summary>The namespace is on rotational media.</summary>
    RotationalMedia = 1 << 4,

    /// <summary>No volatile write cache for this namespace.</summary>
    VolatileWriteCacheNotPresent = 1 << 5,
}
