using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Initiator.Discovery;
using Nvmf.Initiator.Multipath;
using Nvmf.Initiator.Tests.Discovery.Fakes;
using Nvmf.Initiator.Tests.Fakes;

namespace Nvmf.Initiator.Tests.Discovery;

/// <summary>Against real targets. The refresh interval is long: what is noticed was announced.</summary>
public class AutoConnectTests
{
    [Fact]
    public async Task Paths_are_connected_as_they_appear_and_disconnected_as_they_vanish()
    {
        await using var fixture = await FabricFixture.StartAsync(1);
        var site = fixture.Sites[0];
        await using var service = new NvmeAutoConnect(fixture.Host, NewOptions(fixture), fixture.Log);
        var subsystem = await service.GetSubsystemAsync(site.Nqn).WaitAsync(TargetFixture.Patience);
        var disk = await subsystem.OpenNamespaceAsync(1).WaitAsync(TargetFixture.Patience);
        await disk.WriteAsync(0, new byte[512]);

        var second = await site.ListenAsync();
        await LiveAsync(subsystem, [site.EndPoint, second]);
        site.Unlist(site.EndPoint);
        await LiveAsync(subsystem, [second]);
        await disk.WriteAsync(0, new byte[512]).AsTask().WaitAsync(TargetFixture.Patience);

        // The last one: commands fail, and the same disk works again when a path is back.
        site.Unlist(second);
        await LiveAsync(subsystem, []);
        await Assert.ThrowsAsync<NvmeConnectionException>(() => disk.ReadAsync(0, new byte[512]).AsTask()).WaitAsync(TargetFixture.Patience);
        Assert.Same(subsystem, Assert.Single(service.Subsystems));
        site.List(second);
        await LiveAsync(subsystem, [second]);
        await disk.ReadAsync(0, new byte[512]).AsTask().WaitAsync(TargetFixture.Patience);
    }

    [Fact]
    public async Task A_path_that_is_missing_for_a_moment_only_stays()
    {
        await using var fixture = await FabricFixture.StartAsync(1);
        var site = fixture.Sites[0];
        await using var service = new NvmeAutoConnect(fixture.Host, NewOptions(fixture, disconnectDelay: TimeSpan.FromMinutes(10)), fixture.Log);
        var subsystem = await service.GetSubsystemAsync(site.Nqn).WaitAsync(TargetFixture.Patience);
        await LiveAsync(subsystem, [site.EndPoint]);
        var path = Assert.Single(subsystem.Paths);
        site.Unlist(site.EndPoint);
        await Eventually.IsTrueAsync(() => fixture.Log.Says(": 0 paths"), "The change is not noticed.");
        site.List(site.EndPoint);
        await Eventually.IsTrueAsync(() => fixture.Log.Lines[^1].Contains(": 1 paths", StringComparison.Ordinal), "The change is not noticed.");
        Assert.Same(path, Assert.Single(subsystem.Paths));
        Assert.Equal((NvmePathState.Live, 1), (path.State, path.Associations));
    }

    [Fact]
    public async Task Referrals_are_followed_as_they_come_and_go()
    {
        await using var fixture = await FabricFixture.StartAsync(2);
        var (first, other) = (fixture.Sites[0], fixture.Sites[1]);
        await using var service = new NvmeAutoConnect(fixture.Host, NewOptions(fixture), fixture.Log);
        first.Target.AddReferral(other.Referral);
        other.Target.AddReferral(first.Referral);
        var subsystem = await service.GetSubsystemAsync(other.Nqn).WaitAsync(TargetFixture.Patience);
        await LiveAsync(subsystem, [other.EndPoint]);
        // A change that only the other one announces.
        var second = await other.ListenAsync();
        await LiveAsync(subsystem, [other.EndPoint, second]);
        first.Target.RemoveReferral(other.Referral);
        await LiveAsync(subsystem, []);
        await Eventually.IsTrueAsync(() => other.Target.Controllers.Count == 0, "The other discovery controller is still watched, or its subsystem connected.");
    }

    [Fact]
    public async Task The_loss_of_a_discovery_controller_disconnects_nothing()
    {
        await using var fixture = await FabricFixture.StartAsync(2);
        var (discovery, storage) = (fixture.Sites[0], fixture.Sites[1]);
        discovery.Target.AddReferral(storage.Referral);
        await using var service = new NvmeAutoConnect(fixture.Host, NewOptions(fixture), fixture.Log);
        var subsystem = await service.GetSubsystemAsync(storage.Nqn).WaitAsync(TargetFixture.Patience);
        await LiveAsync(subsystem, [storage.EndPoint]);
        var path = Assert.Single(subsystem.Paths);
        await discovery.DieAsync();
        await Eventually.IsTrueAsync(() => fixture.Log.Says("could not be read"), "The loss is not noticed.");
        // A round over what is known.
        var second = await storage.ListenAsync();
        await LiveAsync(subsystem, [storage.EndPoint, second]);
        Assert.Equal(1, path.Associations);
    }

    [Fact]
    public async Task What_is_not_selected_or_too_much_is_left_out()
    {
        await using var fixture = await FabricFixture.StartAsync(4);
        for (var i = 1; i < 4; i++)
        {
            fixture.Sites[0].Target.AddReferral(fixture.Sites[i].Referral);
        }

        await fixture.Sites[1].ListenAsync();
        var options = new NvmeAutoConnectOptions
        {
            DiscoveryControllers = { fixture.Sites[0].EndPoint },
            ReconnectDelay = TimeSpan.FromMilliseconds(50),
            MaxPaths = 1,
            MaxSubsystems = 1,
            Select = nqn => nqn[^1] switch
            {
                '0' => null,
                '1' => throw new InvalidOperationException("no answer"),
                '2' => new NvmeMultipathOptions { Connect = new NvmeConnectOptions { SubsystemNqn = "nqn.2026-11.test:other" } },
                _ => new NvmeMultipathOptions { Connect = new NvmeConnectOptions { SubsystemNqn = nqn } },
            },
        };
        await using var service = new NvmeAutoConnect(fixture.Host, options, fixture.Log);
        var subsystem = await service.GetSubsystemAsync(fixture.Sites[3].Nqn).WaitAsync(TargetFixture.Patience);
        await LiveAsync(subsystem, [fixture.Sites[3].EndPoint]);
        await fixture.Sites[3].ListenAsync();
        await Eventually.IsTrueAsync(() => fixture.Log.Says("has as many paths as it may"), "The bound is not kept.");
        Assert.Single(service.Subsystems);
        await Eventually.IsTrueAsync(() => fixture.Log.Says("site1 is not connected") && fixture.Log.Says("no answer"), "The error is not told.");
        await Eventually.IsTrueAsync(() => fixture.Log.Says("name nqn.2026-11.test:other"), "The wrong name is not told.");
    }

    [Fact]
    public async Task It_ends_while_it_is_still_looking()
    {
        await using var fixture = await FabricFixture.StartAsync(1);
        var service = new NvmeAutoConnect(
            fixture.Host,
            new NvmeAutoConnectOptions { DiscoveryControllers = { FabricFixture.Nobody(), fixture.Sites[0].EndPoint } },
            fixture.Log);
        var waiting = service.GetSubsystemAsync("nqn.2026-11.test:nowhere");
        await service.GetSubsystemAsync(fixture.Sites[0].Nqn).WaitAsync(TargetFixture.Patience);
        await service.DisposeAsync().AsTask().WaitAsync(TargetFixture.Patience);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting).WaitAsync(TargetFixture.Patience);
        await service.DisposeAsync().AsTask().WaitAsync(TargetFixture.Patience);
        await Eventually.IsTrueAsync(() => fixture.Sites[0].Target.Controllers.Count == 0, "A connection is left.");
    }

    [Fact]
    public async Task It_starts_and_ends_with_a_host()
    {
        await using var fixture = await FabricFixture.StartAsync(1);
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton(fixture.Host);
        builder.Services.AddNvmeAutoConnect(NewOptions(fixture));
        using var host = builder.Build();
        await host.StartAsync().WaitAsync(TargetFixture.Patience);
        var service = host.Services.GetRequiredService<NvmeAutoConnect>();
        await (await service.GetSubsystemAsync(fixture.Sites[0].Nqn)).WaitForPathAsync().WaitAsync(TargetFixture.Patience);
        await host.StopAsync().WaitAsync(TargetFixture.Patience);
        await Eventually.IsTrueAsync(() => fixture.Sites[0].Target.Controllers.Count == 0, "A connection is left.");
        await ((IAsyncDisposable)host).DisposeAsync();
    }

    [Fact]
    public async Task Options_that_make_no_sense_are_refused()
    {
        await using var fixture = await FabricFixture.StartAsync(1);
        Assert.Throws<ArgumentException>(() => new NvmeAutoConnect(fixture.Host, new NvmeAutoConnectOptions()));
        Assert.Throws<NotSupportedException>(() => new NvmeAutoConnect(
            fixture.Host, new NvmeAutoConnectOptions { DiscoveryControllers = { new Abstractions.Connections.RdmaEndPoint(IPAddress.Loopback, 4420) } }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new NvmeAutoConnect(
            fixture.Host,
            new NvmeAutoConnectOptions { DiscoveryControllers = { fixture.Sites[0].EndPoint }, Discovery = new NvmeConnectOptions { SubsystemNqn = Nqn.Discovery } }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new NvmeAutoConnect(
            fixture.Host, new NvmeAutoConnectOptions { DiscoveryControllers = { fixture.Sites[0].EndPoint }, Limits = new NvmeReferralLimits { Controllers = 0 } }));
    }

    private static NvmeAutoConnectOptions NewOptions(FabricFixture fixture, TimeSpan disconnectDelay = default) => new()
    {
        DiscoveryControllers = { fixture.Sites[0].EndPoint },
        ReconnectDelay = TimeSpan.FromMilliseconds(50),
        RefreshInterval = TimeSpan.FromHours(1),
        DisconnectDelay = disconnectDelay,
    };

    private static Task LiveAsync(NvmeSubsystemConnection subsystem, IPEndPoint[] endPoints) => Eventually.IsTrueAsync(
        () => subsystem.Paths is var paths && paths.Count == endPoints.Length
            && endPoints.All(endPoint => paths.Any(path => path.EndPoint.Equals(endPoint) && path.State == NvmePathState.Live)),
        $"Live are not {string.Join(", ", endPoints.Select(endPoint => endPoint.Port))} alone.");
}
