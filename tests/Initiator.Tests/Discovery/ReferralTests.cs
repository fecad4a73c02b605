using System.Net.Sockets;
using Nvmf.Abstractions.Connections;
using Nvmf.Initiator.Discovery;
using Nvmf.Initiator.Tests.Discovery.Fakes;
using Nvmf.Initiator.Tests.Fakes;
using Nvmf.Target;
using Xunit.Abstractions;

namespace Nvmf.Initiator.Tests.Discovery;

public class ReferralTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Referrals_are_followed_and_loops_end()
    {
        await using var fixture = await FabricFixture.StartAsync(3);
        Refer(fixture, 0, 1);
        Refer(fixture, 1, 2);
        Refer(fixture, 2, 0);
        Refer(fixture, 1, 1);
        var fabric = await fixture.Host.DiscoverFabricAsync(fixture.Sites[0].EndPoint).WaitAsync(TargetFixture.Patience);
        Assert.Equal(fixture.Sites.Select(site => new NvmeDiscoveredPath(site.Nqn, site.EndPoint)), fabric.Paths);
        Assert.Empty(fabric.Failures);
        Assert.Equal(0, fabric.Skipped);
    }

    [Theory]
    [InlineData(0, 64, 1)]
    [InlineData(2, 64, 3)]
    [InlineData(9, 64, 4)]
    [InlineData(9, 2, 2)]
    public async Task They_are_followed_so_far_and_no_further(int depth, int controllers, int found)
    {
        await using var fixture = await FabricFixture.StartAsync(4);
        for (var i = 0; i < 3; i++)
        {
            Refer(fixture, i, i + 1);
        }

        var fabric = await fixture.Host.DiscoverFabricAsync(
            fixture.Sites[0].EndPoint, limits: new NvmeReferralLimits { Depth = depth, Controllers = controllers }).WaitAsync(TargetFixture.Patience);
        Assert.Equal(found, fabric.Paths.Count);
        Assert.Equal(found < 4 ? 1 : 0, fabric.Skipped);
    }

    [Fact]
    public async Task A_referral_to_nobody_is_reported_and_the_others_are_read()
    {
        await using var fixture = await FabricFixture.StartAsync(2);
        var nobody = FabricFixture.Nobody();
        fixture.Sites[0].Target.AddReferral(new TargetReferral(NvmeTransportType.Tcp, nobody.Address, nobody.Port));
        fixture.Sites[0].Target.AddReferral(new TargetReferral(NvmeTransportType.Rdma, nobody.Address, nobody.Port));
        Refer(fixture, 0, 1);
        var fabric = await fixture.Host.DiscoverFabricAsync(fixture.Sites[0].EndPoint).WaitAsync(TargetFixture.Patience);
        Assert.Equal(2, fabric.Paths.Count);
        Assert.Equal(["127.0.0.1:" + nobody.Port, "rdma://127.0.0.1:" + nobody.Port], fabric.Failures.Select(failure => failure.EndPoint.ToString()));
        Assert.IsType<NotSupportedException>(fabric.Failures[1].Error);

        var alone = await Assert.ThrowsAnyAsync<Exception>(() => fixture.Host.DiscoverFabricAsync(nobody)).WaitAsync(TargetFixture.Patience);
        Assert.True(alone is IOException or SocketException, alone.ToString());
    }

    [Fact]
    public void Any_graph_of_referrals_is_walked_once_and_within_its_limits()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (var round = 0; round < 200; round++)
        {
            var limits = new NvmeReferralLimits { Depth = random.Next(6), Controllers = random.Next(1, 20), Paths = random.Next(1, 30) };
            var nodes = Enumerable.Range(0, random.Next(1, 40)).Select(Node).ToArray();
            var referrals = nodes.ToDictionary(node => node, _ => Enumerable.Range(0, random.Next(5)).Select(_ => nodes[random.Next(nodes.Length)]).ToHashSet());
            var distance = Distances(nodes[0], referrals);
            var walk = new ReferralWalk(limits);
            walk.Begin([nodes[0]]);
            var met = new HashSet<NvmeDiscoveredPath>();
            while (walk.TryNext(out var controller, out var depth))
            {
                Assert.True(met.Add(controller), "met twice");
                Assert.Equal(distance[controller], depth);
                Assert.True(depth <= limits.Depth);
                walk.Add(new DiscoverySummary([Node(random.Next(1000))], referrals[controller], 0), depth);
            }

            Assert.True(met.Count <= limits.Controllers);
            Assert.True(walk.Paths.Count <= limits.Paths);
            Assert.Equal(Math.Min(limits.Controllers, distance.Values.Count(depth => depth <= limits.Depth)), met.Count);
        }
    }

    private static NvmeDiscoveredPath Node(int number) => new("nqn.2014-08.org.nvmexpress.discovery", new System.Net.IPEndPoint(1000 + number, 8009));

    private static Dictionary<NvmeDiscoveredPath, int> Distances(NvmeDiscoveredPath from, Dictionary<NvmeDiscoveredPath, HashSet<NvmeDiscoveredPath>> referrals)
    {
        var distance = new Dictionary<NvmeDiscoveredPath, int> { [from] = 0 };
        for (var edge = new[] { from }; edge.Length > 0;)
        {
            edge = [.. edge.SelectMany(node => referrals[node].Where(next => distance.TryAdd(next, distance[node] + 1)).ToArray())];
        }

        return distance;
    }

    private static void Refer(FabricFixture fixture, int from, int to) => fixture.Sites[from].Target.AddReferral(fixture.Sites[to].Referral);
}
