using System.Runtime.InteropServices;

namespace Nvmf.Abstractions.Fabrics;

/// <summary>SMART / Health Information, 512 bytes (log page 02h).</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
public struct SmartHealthInformation
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 512;

    /// <summary>Critical warning.</summary>
    [FieldOffset(0)]
    public CriticalWarnings CriticalWarnings;

    /// <summary>Composite temperature in kelvin.</summary>
    [FieldOffset(1)]
    public ushort CompositeTemperature;

    /// <summary>Available spare in percent.</summary>
    [FieldOffset(3)]
    public byte AvailableSpare;

    /// <summary>Available spare threshold in percent.</summary>
    [FieldOffset(4)]
    public byte AvailableSpareThreshold;

    /// <summary>Percentage used.</summary>
    [FieldOffset(5)]
    public byte PercentageUsed;

    /// <summary>Endurance group critical warning summary.</summary>
    [FieldOffset(6)]
    public byte EnduranceGroupCriticalWarnings;

    /// <summary>Data units read: thousands of 512 bytes, rounded up.</summary>
    [FieldOffset(32)]
    public Counter128 DataUnitsRead;

    /// <summary>Data units written: thousands of 512 bytes, rounded up.</summary>
    [FieldOffset(48)]
    public Counter128 DataUnitsWritten;

    /// <summary>Read and Compare commands completed.</summary>
    [FieldOffset(64)]
    public Counter128 HostReadCommands;

    /// <summary>Write commands completed.</summary>
    [FieldOffset(80)]
    public Counter128 HostWriteCommands;

    /// <summary>Controller busy time in minutes.</summary>
    [FieldOffset(96)]
    public Counter128 ControllerBusyTime;

    /// <summary>Power cycles.</summary>
    [FieldOffset(112)]
    public Counter128 PowerCycles;

    /// <summary>Power on hours.</summary>
    [FieldOffset(128)]
    public Counter128 PowerOnHours;

    /// <summary>Unsafe shutdowns.</summary>
    [FieldOffset(144)]
    public Counter128 UnsafeShutdowns;

    /// <summary>Media and data integrity errors.</summary>
    [FieldOffset(160)]
    public Counter128 MediaErrors;

    /// <summary>Number of error information log entries.</summary>
    [FieldOffset(176)]
    public Counter128 ErrorInformationEntries;

    /// <summary>Warning composite temperature time in minutes.</summary>
    [FieldOffset(192)]
    public uint WarningTemperatureTime;

    /// <summary>Critical composite temperature time in minutes.</summary>
    [FieldOffset(196)]
    public uint CriticalTemperatureTime;
}
