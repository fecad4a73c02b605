namespace Nvmf.Abstractions.Fabrics;

/// <summary>CATTR of Connect.</summary>
[Flags]
public enum ConnectAttributes : byte
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Priority class, bits 1:0.</summary>
    PriorityClassMask = 0x03,

    /// <summary>The host asks to disable submission queue flow control.</summary>
    DisableFlowControl = 1 << 2,

    /// <summary>The host supports Disconnect of an I/O queue.</summary>
    IndividualQueueDeletion = 1 << 3,
}
