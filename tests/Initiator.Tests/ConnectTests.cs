using System.Net;
using System.Net.Sockets;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Initiator.Tests.Fakes;

namespace Nvmf.Initiator.Tests;

public class ConnectTests
{
    [Theory]
    [InlineData(false, false, false)]
    [InlineData(true, false, false)]
    [InlineData(false, true, true)]
    [InlineData(true, true, true)]
    public async Task Connects_identifies_reads_writes_and_shuts_down(bool headerDigest, bool dataDigest, bool disableFlowControl)
    {
        await using var fixture = await TargetFixture.StartAsync();
        var controller = await fixture.ConnectAsync(new NvmeConnectOptions
        {
            SubsystemNqn = TargetFixture.Nqn,
            QueueCount = 3,
            QueueDepth = 16,
            HeaderDigest = headerDigest,
            DataDigest = dataDigest,
            DisableSqFlowControl = disableFlowControl,
        });
        Assert.Equal(3, controller.IoQueues.Count);
        Assert.All(controller.IoQueues, queue => Assert.Equal(16, queue.Depth));
        Assert.Equal(controller.ControllerId, controller.Identity.ControllerId);
        Assert.Equal(TargetFixture.Nqn, controller.Identity.SubsystemNqn.ToString());
        Assert.Equal([1u], await controller.GetActiveNamespacesAsync());
        var disk = await controller.OpenNamespaceAsync(1);
        Assert.Equal(TargetFixture.BlockSize, disk.BlockSize);
        Assert.Equal((ulong)TargetFixture.Blocks, disk.BlockCount);

        var data = new byte[256 << 10];
        Random.Shared.NextBytes(data);
        var back = new byte[data.Length];
        // Through every queue, in one capsule and by R2T.
        foreach (var length in new[] { 512, 4096, data.Length })
        {
            for (var queue = 0; queue < 3; queue++)
            {
                await disk.WriteAsync(100, data.AsMemory(0, length));
                await disk.ReadAsync(100, back.AsMemory(0, length));
                Assert.True(data.AsSpan(0, length).SequenceEqual(back.AsSpan(0, length)));
                Array.Clear(back);
            }
        }

        await controller.DisposeAsync().AsTask().WaitAsync(TargetFixture.Patience);
        Assert.Equal(TeardownCause.LocalClose, (await controller.Ended).Cause);
        await Eventually.IsTrueAsync(() => fixture.Target.Controllers.Count == 0, "The target still has the controller.");
    }

    [Fact]
    public async Task Finds_the_subsystem_by_discovery()
    {
        await using var fixture = await TargetFixture.StartAsync();
        var log = await fixture.Host.DiscoverAsync(fixture.EndPoint).WaitAsync(TargetFixture.Patience);
        var entry = Assert.Single(log.Entries, entry => entry.Subtype == DiscoverySubtype.NvmSubsystem);
        Assert.Equal(TargetFixture.Nqn, entry.SubsystemNqn.ToString());
        Assert.Equal(((IPEndPoint)fixture.EndPoint).Port.ToString(System.Globalization.CultureInfo.InvariantCulture), entry.TransportServiceId.ToString());
    }

    [Fact]
    public async Task An_unknown_subsystem_is_refused_with_the_reason()
    {
        await using var fixture = await TargetFixture.StartAsync();
        var error = await Assert.ThrowsAsync<NvmeException>(() => fixture.ConnectAsync(new NvmeConnectOptions { SubsystemNqn = "nqn.2020-01.org.example:nothing" }));
        Assert.True(error.Status.IsSameCode(NvmeStatus.ConnectInvalidParameters), error.Message);
        Assert.Contains("no such subsystem", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_that_is_not_allowed_is_refused()
    {
        await using var fixture = await TargetFixture.StartAsync();
        await fixture.Subsystem.SetAllowAnyHostAsync(false);
        var error = await Assert.ThrowsAsync<NvmeException>(() => fixture.ConnectAsync());
        Assert.True(error.Status.IsSameCode(NvmeStatus.ConnectInvalidHost), error.Message);
    }

    [Fact]
    public async Task Nobody_there()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var free = (IPEndPoint)listener.LocalEndpoint;
        listener.Stop();
        await using var host = new NvmeHost();
        var error = await Assert.ThrowsAsync<NvmeConnectionException>(() => host.ConnectAsync(free, TargetFixture.NewConnectOptions())).WaitAsync(TargetFixture.Patience);
        Assert.Contains("refused", error.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Somebody_there_who_says_nothing()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        await using var host = new NvmeHost();
        var options = new NvmeConnectOptions { SubsystemNqn = TargetFixture.Nqn, ConnectTimeout = TimeSpan.FromMilliseconds(300) };
        await Assert.ThrowsAsync<NvmeConnectionException>(() => host.ConnectAsync(listener.LocalEndpoint, options)).WaitAsync(TargetFixture.Patience);
    }

    [Fact]
    public async Task Connecting_can_be_given_up()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        await using var host = new NvmeHost();
        using var source = new CancellationTokenSource();
        var connecting = host.ConnectAsync(listener.LocalEndpoint, TargetFixture.NewConnectOptions(), source.Token);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting).WaitAsync(TargetFixture.Patience);
    }

    [Fact]
    public void Options_are_checked()
    {
        Check<ArgumentOutOfRangeException>(new NvmeConnectOptions { SubsystemNqn = "x", QueueDepth = 0 });
        Check<ArgumentOutOfRangeException>(new NvmeConnectOptions { SubsystemNqn = "x", QueueCount = -1 });
        Check<ArgumentOutOfRangeException>(new NvmeConnectOptions { SubsystemNqn = "x", CommandTimeout = TimeSpan.Zero });
        Check<ArgumentOutOfRangeException>(new NvmeConnectOptions { SubsystemNqn = "x", KeepAlive = TimeSpan.FromSeconds(-1) });
        Check<ArgumentException>(new NvmeConnectOptions { SubsystemNqn = new string('n', 256) });

        static void Check<T>(NvmeConnectOptions options)
            where T : Exception => Assert.Throws<T>(options.Validate);
    }
}
