namespace Nvmf.Abstractions.Fabrics;

/// <summary>CSI: I/O command sets (NVMe Base, I/O Command Set Identifiers).</summary>
public enum CommandSetIdentifier : byte
{
    /// <summary>NVM command set.</summary>
    Nvm = 0,

    /// <summary>Key value command set.</summary>
    KeyValue = 1,

    /// <summary>Zoned namespace command set.</summary>
    ZonedNamespace = 2,
}
