using Nvmf.Abstractions.Connections;
using Nvmf.Initiator.Multipath;

namespace Nvmf.Bench.Load;

/// <summary>One run.</summary>
internal sealed record LoadOptions
{
    /// <summary>Controllers of one subsystem.</summary>
    public required IReadOnlyList<FabricsAddress> Targets { get; init; }

    /// <summary>Through the multipath layer, as applications do, and not queue by queue.</summary>
    public bool Multipath { get; init; }

    public NvmePathPolicy Policy { get; init; }

    /// <summary>What follows a command of the multipath layer runs on the event loop.</summary>
    public bool Inline { get; init; }

    public string? Nqn { get; init; }

    public uint? Namespace { get; init; }

    public AccessPattern Pattern { get; init; }

    public int Size { get; init; }

    public int Depth { get; init; }

    public int Queues { get; init; }

    public TimeSpan Duration { get; init; }

    public TimeSpan WarmUp { get; init; }

    public bool Verify { get; init; }

    public long? Span { get; init; }

    public int Loops { get; init; }

    public TimeSpan Spin { get; init; }

    public bool HeaderDigest { get; init; }

    public bool DataDigest { get; init; }

    public bool NoFlowControl { get; init; }

    public int? TargetPid { get; init; }

    public int Seed { get; init; }

    public bool Writes => Pattern is AccessPattern.RandWrite or AccessPattern.Write or AccessPattern.Mixed;

    public bool Reads => Pattern is AccessPattern.RandRead or AccessPattern.Read or AccessPattern.Mixed;
}
