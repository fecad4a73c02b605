using Nvmf.Hosting.Relay;

namespace Nvmf.Hosting.Internal;

/// <summary>One sentence per mistake in the relays, each with the configuration path it is at.</summary>
internal static class ValidateRelayOptions
{
    public static void Check(IList<NvmeRelayOptions> relays, string path, List<string> failures)
    {
        for (int i = 0; i < relays.Count; i++)
        {
            if (RelayAddresses.Describe(relays[i].Listen, isUpstream: false) is { } error)
            {
                failures.Add($"{path}:{i}:{nameof(NvmeRelayOptions.Listen)}: {error}");
            }

            if (relays[i].Upstreams.Count == 0)
            {
                failures.Add($"{path}:{i}:{nameof(NvmeRelayOptions.Upstreams)}: A relay needs at least one upstream.");
            }

            for (int j = 0; j < relays[i].Upstreams.Count; j++)
            {
                if (RelayAddresses.Describe(relays[i].Upstreams[j], isUpstream: true) is { } mistake)
                {
                    failures.Add($"{path}:{i}:{nameof(NvmeRelayOptions.Upstreams)}:{j}: {mistake}");
                }
            }
        }
    }
}
