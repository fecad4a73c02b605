namespace Nvmf.Abstractions.Lifecycle;

/// <summary>What happened at the ends of all queue pairs that ended for one cause.</summary>
/// <param name="Cause">The first cause of each.</param>
/// <param name="QueuePairs">How many.</param>
/// <param name="DrainedBytes">Sum of <see cref="DrainReport.DrainedBytes"/>.</param>
/// <param name="AbortedBytes">Sum of <see cref="DrainReport.AbortedBytes"/>.</param>
/// <param name="QuarantinedBytes">Sum of <see cref="DrainReport.QuarantinedBytes"/>.</param>
/// <param name="AbandonedCommands">Sum of <see cref="DrainReport.AbandonedCommands"/>.</param>
/// <param name="Longest">The longest <see cref="DrainReport.Elapsed"/>.</param>
public sealed record DrainTotal(
    TeardownCause Cause,
    int QueuePairs,
    long DrainedBytes,
    long AbortedBytes,
    long QuarantinedBytes,
    long AbandonedCommands,
    TimeSpan Longest)
{
    /// <summary>Adds reports up, one total per cause, in the order of <see cref="TeardownCause"/>.</summary>
    public static IReadOnlyList<DrainTotal> ByCause(IEnumerable<DrainReport> reports)
    {
        ArgumentNullException.ThrowIfNull(reports);
        return [.. reports.GroupBy(report => report.Cause).OrderBy(group => group.Key).Select(group => new DrainTotal(
            group.Key,
            group.Count(),
            group.Sum(report => report.DrainedBytes),
            group.Sum(report => report.AbortedBytes),
            group.Sum(report => report.QuarantinedBytes),
            group.Sum(report => (long)report.AbandonedCommands),
            group.Max(report => report.Elapsed)))];
    }
}
