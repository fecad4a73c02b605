namespace RelayHost.Control;

// The JSON of the control end point, one record per message. Null members are left out.

internal sealed record HealthMessage(string Status, string Description);

internal sealed record StatusMessage(
    IReadOnlyList<ListenerMessage> Listeners,
    int Active,
    long Opened,
    IReadOnlyDictionary<string, long> Closed,
    long BytesSpliced,
    long BytesCopied,
    long ConnectsFailed,
    PipesMessage Pipes);

internal sealed record PipesMessage(long Open, long Pooled, long NotEmpty, long Refused);

internal sealed record ListenerMessage(string Address, int Connections, bool Accepting, bool Removing, IReadOnlyList<UpstreamMessage> Upstreams);

internal sealed record UpstreamMessage(string Address, bool Healthy, string? LastError, long Connects, long Failures);

/// <summary>The body of POST /listeners.</summary>
internal sealed record AddListenerMessage(string? Address, IReadOnlyList<string>? Upstreams);

/// <summary>The answer to DELETE /listeners.</summary>
internal sealed record DrainedMessage(IReadOnlyList<DrainReportMessage> Relays);

internal sealed record DrainReportMessage(
    string Relay,
    string Cause,
    IReadOnlyList<string> LaterCauses,
    string? Error,
    string LastStage,
    long DrainedBytes,
    long AbortedBytes,
    double ElapsedMilliseconds);
