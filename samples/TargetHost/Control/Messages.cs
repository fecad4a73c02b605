namespace TargetHost.Control;

// The JSON of the control end point, one record per message. Null members are left out.

internal sealed record HealthMessage(string Status, string? Description, IReadOnlyDictionary<string, long> Data);

internal sealed record ListenerMessage(string Address, int QueuePairs, bool Removing);

internal sealed record AddListenerMessage(string? Address);

/// <summary>The answer to everything that ends queue pairs.</summary>
internal sealed record DrainedMessage(IReadOnlyList<DrainTotalMessage> Totals, IReadOnlyList<DrainReportMessage> QueuePairs);

internal sealed record DrainTotalMessage(
    string Cause, int QueuePairs, long DrainedBytes, long AbortedBytes, long QuarantinedBytes, long AbandonedCommands, double LongestMilliseconds);

internal sealed record DrainReportMessage(
    string QueuePair,
    string Cause,
    IReadOnlyList<string> LaterCauses,
    string? Error,
    string LastStage,
    long DrainedBytes,
    long AbortedBytes,
    long QuarantinedBytes,
    int AbandonedCommands,
    string PassedDeadlines,
    long LateEvents,
    double ElapsedMilliseconds);

internal sealed record QueuePairMessage(
    string Id,
    string Transport,
    string State,
    ReferencesMessage References,
    string Cause,
    string? Local,
    string? Remote,
    string Host,
    string? Subsystem,
    int? Controller,
    int? Queue,
    int QueueSize,
    long Commands);

internal sealed record ReferencesMessage(int Commands, int Transmissions, int PostedReceives, int Events, int Registrations);

internal sealed record SubsystemMessage(
    string Nqn,
    bool AnyHost,
    IReadOnlyList<string> Hosts,
    bool AuthenticationRequired,
    IReadOnlyList<string> HostsWithSecrets,
    IReadOnlyList<NamespaceMessage> Namespaces);

internal sealed record NamespaceMessage(uint Nsid, Guid Uuid, string? Disk, int BlockSize, long Size, bool ReadOnly, ReservationMessage? Reservation);

/// <summary>There when a host is registered.</summary>
internal sealed record ReservationMessage(string Type, bool Persists, IReadOnlyList<RegistrantMessage> Registrants);

/// <summary>A key is written in hexadecimal digits: it has 64 bits, more than a number of JSON is good for.</summary>
internal sealed record RegistrantMessage(Guid HostId, string Key, bool Holds);

/// <summary>The body of POST /namespaces.</summary>
internal sealed record AddNamespaceMessage(string? Nqn, string? Disk, uint? Nsid, Guid? Uuid);

/// <summary>The body of PATCH /namespaces. A size is written like "1GiB".</summary>
internal sealed record ResizeNamespaceMessage(string? Nqn, uint? Nsid, string? Size);

internal sealed record NamespaceAddedMessage(string Nqn, uint Nsid);

/// <summary>A host "*" stands for every host. Secrets come in, and never go out.</summary>
internal sealed record HostRequestMessage(string? Nqn, string? Host, string? Secret, string? ControllerSecret);
