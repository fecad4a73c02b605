namespace Nvmf.Abstractions.Fabrics;

/// <summary>Type of an asynchronous event: bits 2:0 of dword 0 of its completion.</summary>
public enum AsynchronousEventType : byte
{
    /// <summary>Error status; the information is one of the error codes, log page 01h.</summary>
    Error = 0,

    /// <summary>SMART / health status, log page 02h.</summary>
    SmartHealth = 1,

    /// <summary>Notice; the information is an <see cref="AsynchronousEventNotice"/>.</summary>
    Notice = 2,

    /// <summary>I/O command set specific status.</summary>
    CommandSet = 6,

    /// <summary>Vendor specific.</summary>
    VendorSpecific = 7,
}
