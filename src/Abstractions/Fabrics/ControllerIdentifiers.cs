namespace Nvmf.Abstractions.Fabrics;

/// <summary>Special controller identifiers.</summary>
public static class ControllerIdentifiers
{
    /// <summary>Connect: make a controller (dynamic model). Discovery log: controllers are made on Connect.</summary>
    public const ushort Dynamic = 0xFFFF;

    /// <summary>Connect: any available controller of the static model.</summary>
    public const ushort AnyStatic = 0xFFFE;

    /// <summary>Largest identifier of a controller; FFF0h and up are reserved.</summary>
    public const ushort Max = 0xFFEF;
}
