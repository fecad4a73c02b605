using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Transport.Tcp.Tests.VirtualKernel;

/// <summary>How often the runs came to where something can go wrong: a model that never gets there proves nothing.</summary>
internal sealed class Coverage
{
    private readonly SortedDictionary<string, int> _counts = new(StringComparer.Ordinal);

    public void Add(ConnectionModel model)
    {
        DrainReport report = model.Report;
        List<KernelSend> references = model.Kernel.Sends.FindAll(send => send.Index is not null);
        Count("runs", true);
        Count("zero-copy sends", references.Count > 0);
        Count("index wrapped", references.Exists(send => send.Index < model.Kernel.FirstIndex));
        Count("drained", report.LastStage == QueuePairState.Draining);
        Count("aborted", report.LastStage == QueuePairState.Aborting);
        Count("quarantined", report.QuarantinedBytes > 0);
        Count("abandoned commands", report.AbandonedCommands > 0);
        Count("peer reset", model.Kernel.WasReset);
        Count("copied sends", model.Kernel.Sends.Count > references.Count);
    }

    public void AssertReachesEverything(bool hasZeroCopy)
    {
        string[] wanted = ["drained", "aborted", "abandoned commands", "copied sends", "peer reset", .. hasZeroCopy ? new[] { "zero-copy sends", "index wrapped", "quarantined" } : []];
        foreach (string name in wanted)
        {
            Assert.True(_counts.GetValueOrDefault(name) >= _counts["runs"] / 50, $"Too few runs: {name}. {this}");
        }
    }

    public override string ToString() => string.Join(", ", _counts.Select(entry => $"{entry.Key} {entry.Value}"));

    private void Count(string name, bool happened) => _counts[name] = _counts.GetValueOrDefault(name) + (happened ? 1 : 0);
}
