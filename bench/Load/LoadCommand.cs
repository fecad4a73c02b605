using Nvmf.Abstractions.Fabrics;
using Nvmf.Initiator;

namespace Nvmf.Bench.Load;

/// <summary>One of a worker's commands, resubmitted for ever.</summary>
internal sealed class LoadCommand(QueueWorker worker) : NvmeCommand
{
    public LoadWork Work;

    protected override void OnEnded(in CompletionQueueEntry completion, Exception? error) => worker.OnEnded(this, completion, error);

    protected override void OnDataReleased() => worker.OnReleased(this);
}
