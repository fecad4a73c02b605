namespace Nvmf.Abstractions.Fabrics;

/// <summary>CC.SHN.</summary>
public enum ShutdownNotification : byte
{
    /// <summary>No notification.</summary>
    None = 0,

    /// <summary>Normal shutdown.</summary>
    Normal = 1,

    /// <summary>Abrupt shutdown.</summary>
    Abrupt = 2,
}
