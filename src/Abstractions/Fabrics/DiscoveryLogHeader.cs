using System.Runtime.InteropServices;

namespace Nvmf.Abstractions.Fabrics;

/// <summary>Header of the Discovery log page, 1024 bytes (log page 70h).</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
public struct DiscoveryLogHeader
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 1024;

    /// <summary>Generation counter (GENCTR): changes with the log.</summary>
    [FieldOffset(0)]
    public ulong GenerationCounter;

    /// <summary>Number of records (NUMREC).</summary>
    [FieldOffset(8)]
    public ulong Records;

    /// <summary>Record format (RECFMT): 0.</summary>
    [FieldOffset(16)]
    public ushort RecordFormat;
}
