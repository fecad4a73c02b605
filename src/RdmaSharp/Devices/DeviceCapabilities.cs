namespace RdmaSharp;

/// <summary>Abilities of a device, those in common use (<c>enum ibv_device_cap_flags</c>).</summary>
[Flags]
public enum DeviceCapabilities : uint
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Work queues can be resized.</summary>
    ResizeWorkQueue = 1,

    /// <summary>Tells when a port becomes active.</summary>
    PortActiveEvent = 1 << 10,

    /// <summary>Answers "receiver not ready" on reliable connections.</summary>
    ReceiverNotReadyNak = 1 << 12,

    /// <summary>Shared receive queues can be resized.</summary>
    SharedReceiveQueueResize = 1 << 13,

    /// <summary>Memory windows.</summary>
    MemoryWindow = 1 << 17,

    /// <summary>Extended reliable connections.</summary>
    ExtendedConnection = 1 << 20,

    /// <summary>Send with invalidate, local invalidate, fast registration.</summary>
    MemoryManagementExtensions = 1 << 21,

    /// <summary>Memory windows of type 2A.</summary>
    MemoryWindowType2A = 1 << 23,

    /// <summary>Memory windows of type 2B.</summary>
    MemoryWindowType2B = 1 << 24,
}
