using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Initiator.Discovery;

/// <summary>What is kept of a discovery log: paths and referrals, each once.</summary>
internal sealed record DiscoverySummary(IReadOnlyCollection<NvmeDiscoveredPath> Paths, IReadOnlyCollection<NvmeDiscoveredPath> Referrals, int Skipped)
{
    public static DiscoverySummary Of(NvmeDiscoveryLog log, NvmeReferralLimits limits)
    {
        var (paths, referrals, skipped) = (new HashSet<NvmeDiscoveredPath>(), new HashSet<NvmeDiscoveredPath>(), 0);
        foreach (var entry in log.Entries)
        {
            // The controller that is being read is no news.
            if (entry.Subtype == DiscoverySubtype.CurrentDiscovery)
            {
                continue;
            }

            var (kept, most) = entry.Subtype switch
            {
                DiscoverySubtype.NvmSubsystem => (paths, limits.Paths),
                DiscoverySubtype.Referral => (referrals, limits.Controllers),
                _ => (null, 0),
            };
            if (kept is null || !DiscoveryEntryReader.TryRead(entry, out var path) || (kept.Count >= most && !kept.Contains(path)))
            {
                skipped++;
            }
            else
            {
                kept.Add(path);
            }
        }

        return new DiscoverySummary(paths, referrals, skipped);
    }
}
