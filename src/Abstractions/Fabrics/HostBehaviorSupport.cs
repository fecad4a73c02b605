using System.Runtime.InteropServices;

namespace Nvmf.Abstractions.Fabrics;

/// <summary>Data of the Host Behavior Support feature, 512 bytes (feature 16h).</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
public struct HostBehaviorSupport
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 512;

    /// <summary>Advanced command retry enable (ACRE): the host honours CRD.</summary>
    [FieldOffset(0)]
    public byte AdvancedCommandRetry;

    /// <summary>Extended telemetry data area 4 supported (ETDAS).</summary>
    [FieldOffset(1)]
    public byte ExtendedTelemetryDataArea4;

    /// <summary>LBA format extension enable (LBAFEE).</summary>
    [FieldOffset(2)]
    public byte ExtendedLbaFormats;
}
