namespace Nvmf.Abstractions.Fabrics;

/// <summary>Dword 0 of an Asynchronous Event Request completion (NVMe Base).</summary>
/// <param name="Value">The whole property.</param>
public readonly record struct AsynchronousEventResult(uint Value)
{
    /// <summary>Asynchronous event type.</summary>
    public AsynchronousEventType Type
    {
        get => (AsynchronousEventType)((Value >> 0) & 0x7u);
        init => Value = (Value & ~(0x7u << 0)) | (((uint)value & 0x7u) << 0);
    }

    /// <summary>Asynchronous event information: see the type.</summary>
    public byte Information
    {
        get => (byte)((Value >> 8) & 0xFFu);
        init => Value = (Value & ~(0xFFu << 8)) | (((uint)value & 0xFFu) << 8);
    }

    /// <summary>Log page that tells more; reading it with RAE 0 clears the event.</summary>
    public LogPageIdentifier LogPage
    {
        get => (LogPageIdentifier)((Value >> 16) & 0xFFu);
        init => Value = (Value & ~(0xFFu << 16)) | (((uint)value & 0xFFu) << 16);
    }
}
