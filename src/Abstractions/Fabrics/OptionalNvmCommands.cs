namespace Nvmf.Abstractions.Fabrics;

/// <summary>ONCS of Identify Controller.</summary>
[Flags]
public enum OptionalNvmCommands : ushort
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Compare.</summary>
    Compare = 1 << 0,

    /// <summary>Write Uncorrectable.</summary>
    WriteUncorrectable = 1 << 1,

    /// <summary>Dataset Management.</summary>
    DatasetManagement = 1 << 2,

    /// <summary>Write Zeroes.</summary>
    WriteZeroes = 1 << 3,

    /// <summary>The Save field of Set Features and the Select field of Get Features.</summary>
    SaveAndSelect = 1 << 4,

    /// <summary>Reservations.</summary>
    Reservations = 1 << 5,

    /// <summary>The Timestamp feature.</summary>
    Timestamp = 1 << 6,

    /// <summary>Verify.</summary>
    Verify = 1 << 7,

    /// <summary>Copy.</summary>
    Copy = 1 << 8,
}
