using System.Text.RegularExpressions;

namespace Nvmf.Interop.Lab;

/// <summary>
/// Which kernel messages a test may leave: every message of the NVMe host must be expected, all others must not look like trouble.
/// </summary>
internal static class KernelLogRules
{
    /// <summary>What a healthy connection says in its life.</summary>
    private static readonly Regex Ordinary = new(
        @"creating \d+ I/O queues|mapped \d+/\d+/\d+ default/read/poll queues|new ctrl: NQN|Removing ctrl: NQN|rescanning namespaces"
        + @"|Shutdown timeout set to|D3 entry latency set to|detected capacity change|Found shared namespace|^interop \d+:"
        + @"|EXT4-fs \(nvme\w+\): (mounted filesystem|unmounting filesystem)");

    private static readonly Regex Trouble = new(
        @"WARN|BUG|Oops|Call Trace|general protection|unexpected|protocol error|blocked for more than|lockup|I/O error|EXT4-fs (error|warning)"
        + "|corrupt|Out of memory|stall",
        RegexOptions.IgnoreCase);

    private static readonly Regex Nvme = new(@"^(block )?nvme|nvme\d", RegexOptions.IgnoreCase);

    /// <summary>The lines that neither the rules nor the test's own expectations allow.</summary>
    public static IReadOnlyList<string> Violations(IEnumerable<string> lines, IReadOnlyCollection<string> allowed)
    {
        Regex[] expected = [.. allowed.Select(pattern => new Regex(pattern))];
        return [.. lines.Where(line =>
            !Ordinary.IsMatch(line)
            && !expected.Any(pattern => pattern.IsMatch(line))
            && (Nvme.IsMatch(line) || Trouble.IsMatch(line)))];
    }
}
