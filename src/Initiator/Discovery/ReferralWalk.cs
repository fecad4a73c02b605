namespace Nvmf.Initiator.Discovery;

/// <summary>
/// The discovery controllers within reach of the given ones, breadth first, each once: a loop of referrals ends where it began, and one that nobody outside of it refers to any more
/// is not reached at all.
/// </summary>
internal sealed class ReferralWalk(NvmeReferralLimits limits)
{
    private readonly HashSet<NvmeDiscoveredPath> _met = [];
    private readonly Queue<(NvmeDiscoveredPath Controller, int Depth)> _next = new();
    private readonly HashSet<NvmeDiscoveredPath> _paths = [];

    /// <summary>Paths to NVM subsystems so far.</summary>
    public IReadOnlyCollection<NvmeDiscoveredPath> Paths => _paths;

    /// <summary>Entries and referrals left out.</summary>
    public int Skipped { get; private set; }

    public void Begin(IEnumerable<NvmeDiscoveredPath> controllers)
    {
        foreach (var controller in controllers)
        {
            Meet(controller, 0);
        }
    }

    public bool TryNext(out NvmeDiscoveredPath controller, out int depth)
    {
        (controller, depth) = (default, 0);
        if (!_next.TryDequeue(out var next))
        {
            return false;
        }

        (controller, depth) = next;
        return true;
    }

    /// <summary>Takes over what a controller at <paramref name="depth"/> said.</summary>
    public void Add(DiscoverySummary log, int depth)
    {
        Skipped += log.Skipped;
        foreach (var path in log.Paths)
        {
            if (_paths.Count < limits.Paths)
            {
                _paths.Add(path);
            }
            else if (!_paths.Contains(path))
            {
                Skipped++;
            }
        }

        foreach (var referral in log.Referrals)
        {
            Meet(referral, depth + 1);
        }
    }

    private void Meet(NvmeDiscoveredPath controller, int depth)
    {
        if (_met.Contains(controller))
        {
            return;
        }

        if (depth > limits.Depth || _met.Count >= limits.Controllers)
        {
            Skipped++;
            return;
        }

        _met.Add(controller);
        _next.Enqueue((controller, depth));
    }
}
