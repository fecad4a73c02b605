namespace Nvmf.Abstractions.Fabrics;

/// <summary>CSTS.SHST.</summary>
public enum ShutdownStatus : byte
{
    /// <summary>No shutdown was requested.</summary>
    Normal = 0,

    /// <summary>Shutdown processing is under way.</summary>
    Occurring = 1,

    /// <summary>Shutdown processing is complete.</summary>
    Complete = 2,
}
