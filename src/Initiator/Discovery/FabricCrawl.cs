using System.Net;
using System.Net.Sockets;

namespace Nvmf.Initiator.Discovery;

/// <summary>Reads the logs of discovery controllers and of those that they refer to, one after the other.</summary>
internal static class FabricCrawl
{
    public static async Task<NvmeFabric> RunAsync(
        NvmeHost host, EndPoint endPoint, NvmeConnectOptions options, NvmeReferralLimits limits, CancellationToken cancellationToken)
    {
        limits.Validate();
        var walk = new ReferralWalk(limits);
        var failures = new List<NvmeDiscoveryFailure>();
        walk.Begin([new NvmeDiscoveredPath(options.SubsystemNqn, endPoint)]);
        while (walk.TryNext(out var controller, out var depth))
        {
            try
            {
                var log = await host.DiscoverAsync(controller.EndPoint, options with { SubsystemNqn = controller.SubsystemNqn, QueueCount = 0 }, cancellationToken).ConfigureAwait(false);
                walk.Add(DiscoverySummary.Of(log, limits), depth);
            }
            catch (Exception e) when (depth > 0 && e is IOException or TimeoutException or InvalidDataException or NotSupportedException or SocketException)
            {
                // Whoever refers to somebody need not know whether he is there.
                failures.Add(new NvmeDiscoveryFailure(controller.EndPoint, e));
            }
        }

        return new NvmeFabric([.. walk.Paths], failures, walk.Skipped);
    }
}
