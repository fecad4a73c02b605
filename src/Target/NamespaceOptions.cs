namespace Nvmf.Target;

/// <summary>A namespace to be added by <see cref="Subsystem.AddNamespace"/>, which checks every value.</summary>
public sealed class NamespaceOptions
{
    /// <summary>Namespace identifier, 1 to <see cref="SubsystemOptions.MaxNamespaces"/>. Default: the lowest free one.</summary>
    public uint? NamespaceId { get; set; }

    /// <summary>UUID of the namespace. Default: derived from the subsystem's NQN and the namespace identifier, so that it survives restarts.</summary>
    public Guid? Uuid { get; set; }

    /// <summary>NGUID of the namespace in the order of its bytes on the wire. Default: the bytes of the UUID.</summary>
    public Guid? Nguid { get; set; }

    /// <summary>Commands that would change data get Namespace is Write Protected.</summary>
    public bool ReadOnly { get; set; }

    /// <summary>
    /// File in which registrations and reservations outlive the target, when a host asks for that (Persist Through Power Loss, RESCAP bit 0): made if it is missing, written
    /// and made durable before such a change is answered. Its directory must be writable. Default (null): they end with the namespace.
    /// </summary>
    public string? ReservationFile { get; set; }

    /// <summary>The caller goes on owning the back end: it is not disposed when the namespace is removed.</summary>
    public bool LeaveBackendOpen { get; set; }
}
