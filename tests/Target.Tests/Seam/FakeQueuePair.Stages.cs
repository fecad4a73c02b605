using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Target.Tests.Seam;

/// <summary>The end of the queue pair, and what is in flight.</summary>
public sealed partial class FakeQueuePair : IQueuePairStages
{
    private readonly TaskCompletionSource<DrainReport> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<BufferLease> _transmissions = [];
    private bool _quiescing;

    /// <summary>Data sent stays in flight until the queue pair drains.</summary>
    public bool HoldTransmissions { get; set; }

    /// <summary>The handler has had its last call.</summary>
    public Task<DrainReport> Closed => _closed.Task.WaitAsync(Support.TestTimeouts.Long);

    /// <summary>Of <see cref="FakeCommand"/>: data to the host, with one reference.</summary>
    public void Transmit(BufferLease data)
    {
        if (HoldTransmissions && Lifecycle.TryAcquire(ReferenceKind.Transmission))
        {
            _transmissions.Add(data);
        }
        else
        {
            data.Release();
        }
    }

    void IQueuePairStages.OnQuiescing(TeardownCause cause) => PostStage(() =>
    {
        _quiescing = true;
        Handler.OnQuiescing(this, cause);
    });

    void IQueuePairStages.OnDraining() => PostStage(FinishTransmissions);

    void IQueuePairStages.OnAborting() => PostStage(FinishTransmissions);

    void IQueuePairStages.OnAbandoned() => Loop.Fail("Transmissions abandoned.");

    void IQueuePairStages.OnDestroy() => _ = CloseAsync();

    private async Task CloseAsync()
    {
        DrainReport report = await Lifecycle.Completion;
        Loop.Post(() =>
        {
            Handler.OnClosed(this, report);
            foreach (FakeCommand command in _busy)
            {
                command.Abandon();
            }

            _closed.SetResult(report);
        });
    }

    private void FinishTransmissions()
    {
        foreach (BufferLease data in _transmissions)
        {
            data.Release();
            Lifecycle.Release(ReferenceKind.Transmission);
        }

        _transmissions.Clear();
    }

    private void PostStage(Action action)
    {
        if (!Lifecycle.TryAcquire(ReferenceKind.Event))
        {
            Loop.Fail("A stage came after the end.");
            return;
        }

        Loop.Post(() =>
        {
            action();
            Lifecycle.Release(ReferenceKind.Event);
        });
    }
}
