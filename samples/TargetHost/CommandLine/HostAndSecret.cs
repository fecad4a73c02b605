namespace TargetHost.CommandLine;

/// <summary>A host, and where its secret is.</summary>
internal sealed record HostAndSecret(string Host, string Source)
{
    /// <summary>Without the secret.</summary>
    public override string ToString() => Host;
}
