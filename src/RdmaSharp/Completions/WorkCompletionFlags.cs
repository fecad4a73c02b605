namespace RdmaSharp;

/// <summary>What else a completion says (<c>enum ibv_wc_flags</c>).</summary>
[Flags]
public enum WorkCompletionFlags : uint
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The buffer starts with a global routing header (datagrams).</summary>
    GlobalRoutingHeader = 1,

    /// <summary><see cref="WorkCompletion.ImmediateData"/> is there.</summary>
    WithImmediate = 2,

    /// <summary>The IP checksum was right.</summary>
    ChecksumOk = 4,

    /// <summary><see cref="WorkCompletion.InvalidatedRemoteKey"/> is there.</summary>
    WithInvalidate = 8,
}
