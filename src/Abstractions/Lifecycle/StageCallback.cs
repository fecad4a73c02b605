namespace Nvmf.Abstractions.Lifecycle;

/// <summary>Callbacks of <see cref="IQueuePairStages"/> in their order; kept in the word as "the last one started".</summary>
internal enum StageCallback
{
    None,
    Quiescing,
    Draining,
    Aborting,
    Abandoned,
    Destroy,
}
