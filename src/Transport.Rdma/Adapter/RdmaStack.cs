namespace Nvmf.Transport.Rdma.Adapter;

/// <summary>
/// The way to the machine's adapters: what this transport needs of verbs and of the connection manager, as close to rdma-core as it can be, so that one thin
/// class per type stands between them, and tests can put a virtual adapter in their place.
/// </summary>
/// <remarks>
/// <para>
/// Results are 0 (or a count) or a negative errno; nothing here throws for what a peer or an adapter does. Posting and polling allocate nothing.
/// Lifetimes are those of verbs: <c>Destroy</c> is called exactly once and nothing after it; children before parents.
/// </para>
/// <para>
/// <c>Owner</c> is this transport's: an implementation keeps it with the native object (its <c>context</c>, by slot or GCHandle) and finds it again for an event,
/// while the event is un-acknowledged and so the native object cannot be destroyed.
/// </para>
/// </remarks>
internal abstract partial class RdmaStack
{
    /// <summary>Null when adapters can be used; otherwise one sentence: what is missing and how to get it.</summary>
    public abstract string? NotSupportedReason { get; }

    /// <summary>rdma_create_event_channel(3), non-blocking.</summary>
    public abstract int CreateEventChannel(out CmEventChannel? channel);
}
