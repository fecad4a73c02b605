using System.Net;
using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Transport.Tcp.Relay;

/// <summary>
/// Two connections, each of which gets what the other receives: contents, half-close and reset. Made by <see cref="SpliceRelayFactory"/>.
/// </summary>
/// <remarks>All members may be called from any thread. docs/relay.md says what is guaranteed.</remarks>
public abstract class SpliceRelay
{
    private protected SpliceRelay(string id) => Id = id;

    /// <summary>Identifier for logs and reports.</summary>
    public string Id { get; }

    /// <summary>The peer that connected to us.</summary>
    public abstract EndPoint? Downstream { get; }

    /// <summary>The peer we connected to.</summary>
    public abstract EndPoint? Upstream { get; }

    /// <summary>True when bytes go through the kernel; false when this process copies them (TLS, other transports, other systems).</summary>
    public abstract bool IsSplicing { get; }

    /// <summary>Bytes handed on towards the upstream.</summary>
    public abstract long BytesUpstream { get; }

    /// <summary>Bytes handed on towards the downstream.</summary>
    public abstract long BytesDownstream { get; }

    /// <summary>
    /// The relay's life: Live until both directions have ended. <see cref="QueuePairLifecycle.BeginTeardown"/> stops reading, delivers what was read, and closes both sides with
    /// FIN; after T2, or on <see cref="QueuePairLifecycle.Abort"/>, both are reset.
    /// </summary>
    public abstract QueuePairLifecycle Lifecycle { get; }

    /// <summary>Ends with the report when both connections are gone. Never faults.</summary>
    public Task<DrainReport> Completion => Lifecycle.Completion;

    /// <summary>Begins the end, gracefully; see <see cref="Lifecycle"/>.</summary>
    public void Close(TeardownCause cause, Exception? error = null) => Lifecycle.BeginTeardown(cause, error);
}
