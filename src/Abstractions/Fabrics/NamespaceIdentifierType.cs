namespace Nvmf.Abstractions.Fabrics;

/// <summary>NIDT of a namespace identification descriptor.</summary>
public enum NamespaceIdentifierType : byte
{
    /// <summary>IEEE extended unique identifier, 8 bytes, big endian.</summary>
    Eui64 = 1,

    /// <summary>Namespace globally unique identifier, 16 bytes, big endian.</summary>
    Nguid = 2,

    /// <summary>RFC 4122 UUID, 16 bytes, big endian.</summary>
    Uuid = 3,

    /// <summary>Command set identifier (CSI), 1 byte.</summary>
    CommandSet = 4,
}
