namespace Nvmf.Abstractions.Fabrics;

/// <summary>Information of an error event: bits 15:8 of dword 0 of an Asynchronous Event Request completion.</summary>
public enum AsynchronousEventError : byte
{
    /// <summary>Write to an invalid doorbell register.</summary>
    WriteToInvalidDoorbell = 0,

    /// <summary>Invalid doorbell write value.</summary>
    InvalidDoorbellValue = 1,

    /// <summary>Diagnostic failure.</summary>
    DiagnosticFailure = 2,

    /// <summary>Persistent internal error.</summary>
    PersistentInternalError = 3,

    /// <summary>Transient internal error.</summary>
    TransientInternalError = 4,

    /// <summary>Firmware image load error.</summary>
    FirmwareImageLoadError = 5,
}
