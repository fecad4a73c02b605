using System.Collections.Concurrent;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Testing;

namespace Nvmf.Abstractions.Tests.Lifecycle;

/// <summary>Stages that write down their calls, and let a test act inside of them.</summary>
internal sealed class RecordingStages : IQueuePairStages
{
    public ManualTimeProvider Time { get; } = new();

    public ConcurrentQueue<string> Calls { get; } = [];

    public Action? InQuiescing { get; set; }

    public Action? InDraining { get; set; }

    public Action? InAborting { get; set; }

    public Action? InAbandoned { get; set; }

    public Action? InDestroy { get; set; }

    public QueuePairLifecycle MakeConnecting(DrainDeadlines? deadlines = null) =>
        new("test", this, deadlines ?? DrainDeadlines.Default, Time);

    public QueuePairLifecycle MakeLive(DrainDeadlines? deadlines = null)
    {
        QueuePairLifecycle lifecycle = MakeConnecting(deadlines);
        Assert.True(lifecycle.TryGoLive());
        return lifecycle;
    }

    public void OnQuiescing(TeardownCause cause) => Record($"Quiescing {cause}", InQuiescing);

    public void OnDraining() => Record("Draining", InDraining);

    public void OnAborting() => Record("Aborting", InAborting);

    public void OnAbandoned() => Record("Abandoned", InAbandoned);

    public void OnDestroy() => Record("Destroy", InDestroy);

    private void Record(string call, Action? action)
    {
        Calls.Enqueue(call);
        action?.Invoke();
    }
}
