using System.Text;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Bench.Load;

namespace Nvmf.Bench.Soak;

/// <param name="Removals">Listeners removed under load.</param>
/// <param name="Reads">Reads that were checked.</param>
/// <param name="Writes">Writes that were acknowledged.</param>
/// <param name="Faults">What was wrong, the first few.</param>
/// <param name="Totals">Ends of queue pairs.</param>
/// <param name="Pool">Gauges after the target has stopped.</param>
/// <param name="LeftQueuePairs">Listed after the target has stopped.</param>
/// <param name="Warm">The process when the first removals were over.</param>
/// <param name="After">And at the end, the target stopped.</param>
internal sealed record SoakResult(
    int Removals,
    long Reads,
    long Writes,
    IReadOnlyList<string> Faults,
    IReadOnlyList<DrainTotal> Totals,
    BufferPoolStatistics Pool,
    int LeftQueuePairs,
    ProcessSample? Warm,
    ProcessSample After)
{
    public bool IsGood => Removals > 0 && Faults.Count == 0 && Pool is { RentedBlocks: 0, QuarantinedBytes: 0, PoisonViolations: 0 } && LeftQueuePairs == 0;

    public override string ToString()
    {
        var text = new StringBuilder();
        text.AppendLine($"{Removals} removals, {Reads} reads checked, {Writes} writes, {Faults.Count} faults");
        foreach (string fault in Faults)
        {
            text.AppendLine($"  {fault}");
        }

        foreach (DrainTotal total in Totals)
        {
            text.AppendLine($"  {total}");
        }

        text.Append($"left: {Pool.RentedBlocks} buffers, {Pool.QuarantinedBytes} bytes in quarantine, {Pool.PoisonViolations} poison violations, ");
        text.Append($"{LeftQueuePairs} queue pairs, {Warm?.ToString() ?? "too few removals"} -> {After}");
        return text.ToString();
    }
}
