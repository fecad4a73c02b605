namespace Nvmf.Abstractions.Fabrics;

/// <summary>Information of a notice: bits 15:8 of dword 0 of an Asynchronous Event Request completion.</summary>
public enum AsynchronousEventNotice : byte
{
    /// <summary>A namespace was added, removed or changed; log page 04h.</summary>
    NamespaceAttributeChanged = 0x00,

    /// <summary>Firmware activation starting; log page 03h.</summary>
    FirmwareActivationStarting = 0x01,

    /// <summary>Telemetry log changed; log page 08h.</summary>
    TelemetryLogChanged = 0x02,

    /// <summary>ANA state changed; log page 0Ch.</summary>
    AsymmetricNamespaceAccessChange = 0x03,

    /// <summary>Predictable latency event aggregate log changed; log page 0Bh.</summary>
    PredictableLatencyEventAggregateChange = 0x04,

    /// <summary>LBA status information alert; log page 0Eh.</summary>
    LbaStatusInformationAlert = 0x05,

    /// <summary>Endurance group event aggregate log changed; log page 0Fh.</summary>
    EnduranceGroupEventAggregateChange = 0x06,

    /// <summary>The discovery log changed; log page 70h.</summary>
    DiscoveryLogChange = 0xF0,
}
