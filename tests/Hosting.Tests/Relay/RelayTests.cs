using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Hosting.Relay;
using Nvmf.Initiator;

namespace Nvmf.Hosting.Tests.Relay;

/// <summary>Relays of a generic host, between an initiator and a target.</summary>
public class RelayTests
{
    [Fact]
    public async Task An_initiator_reaches_its_target_through_a_relay()
    {
        await using TestTarget target = await StartAsync();
        await using var initiator = new TestInitiator();
        NvmeRelayInfo relay = Assert.Single(Control(target).Relays);
        NvmeController controller = await initiator.ConnectAsync(relay.Address, TestTarget.Nqn);
        NvmeNamespace disk = await controller.OpenNamespaceAsync(1);
        byte[] written = RandomNumberGenerator.GetBytes(1 << 20);
        byte[] read = new byte[written.Length];
        for (ulong i = 0; i < 4; i++)
        {
            await disk.WriteAsync(i * 2048, written).AsTask().WaitAsync(Wait.Deadline);
            await disk.ReadAsync(i * 2048, read).AsTask().WaitAsync(Wait.Deadline);
            Assert.Equal(written, read);
        }

        Assert.Equal(2, Control(target).Relays[0].Connections);
        await Wait.UntilAsync(() => Control(target).Statistics.BytesSpliced > 8 << 20, "the bytes in the counters");
        Assert.Equal(2, Control(target).Relays[0].Upstreams[0].Connects);
    }

    [Fact]
    public async Task Removing_the_listener_under_load_drains_its_relays_and_leaves_the_target_alone()
    {
        await using TestTarget target = await StartAsync();
        await using var initiator = new TestInitiator();
        NvmeRelayInfo relay = Control(target).Relays[0];
        NvmeController controller = await initiator.ConnectAsync(relay.Address, TestTarget.Nqn);
        NvmeController direct = await initiator.ConnectAsync(target.Address, TestTarget.Nqn);
        NvmeNamespace disk = await controller.OpenNamespaceAsync(1);
        byte[] data = RandomNumberGenerator.GetBytes(256 << 10);
        using var stop = new CancellationTokenSource();
        int writes = 0;
        Task load = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                await disk.WriteAsync(0, data);
                Interlocked.Increment(ref writes);
            }
        });
        await Wait.UntilAsync(() => Volatile.Read(ref writes) > 20, "some writes");

        IReadOnlyList<DrainReport> reports = await Control(target).RemoveAsync($"{relay.Address}").WaitAsync(Wait.Deadline);

        Assert.Equal(2, reports.Count);
        Assert.Contains(reports, r => r.Cause == TeardownCause.ListenerRemoved);

        // A host that has lost one of its connections closes the other; it may be faster than the removal.
        Assert.All(reports, r => Assert.True(r.Cause is TeardownCause.ListenerRemoved or TeardownCause.HostClosed, $"{r.Cause}"));
        Assert.Empty(Control(target).Relays);
        await controller.Ended.WaitAsync(Wait.Deadline);
        await Wait.UntilAsync(() => load.IsCompleted, "the end of the load");
        await stop.CancelAsync();
        Assert.True(load.IsFaulted);
        NvmeNamespace other = await direct.OpenNamespaceAsync(1);
        byte[] read = new byte[4096];
        await other.ReadAsync(0, read).AsTask().WaitAsync(Wait.Deadline);

        NvmeTargetException again = await Assert.ThrowsAsync<NvmeTargetException>(() => Control(target).RemoveAsync($"{relay.Address}"));
        Assert.Equal((NvmeTargetError.NotFound, $"There is no listener {relay.Address}."), (again.Error, again.Message));
        NvmeRelayInfo added = await Control(target).AddAsync($"{relay.Address}", [$"{target.Address}"]);
        Assert.Equal(relay.Address, added.Address);
        await initiator.ConnectAsync(added.Address, TestTarget.Nqn);
    }

    [Theory]
    [InlineData("rdma://127.0.0.1", "tcp://127.0.0.1:1", "Nvme:Relays:0:Listen: 'rdma://127.0.0.1' cannot be relayed: only TCP can.")]
    [InlineData("tcp://127.0.0.1:0", "tcp://127.0.0.1:0", "Nvme:Relays:0:Upstreams:0: 'tcp://127.0.0.1:0' has no port to connect to.")]
    [InlineData("tcp://127.0.0.1:0", null, "Nvme:Relays:0:Upstreams: A relay needs at least one upstream.")]
    public async Task A_mistake_is_one_sentence(string from, string? to, string sentence)
    {
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => TestTarget.StartAsync(o => o.Relay(from, to is null ? [] : [to])));
        Assert.Equal(sentence, Assert.Single(error.Failures));
    }

    private static INvmeRelayControl Control(TestTarget target) => target.Host.Services.GetRequiredService<INvmeRelayControl>();

    private static async Task<TestTarget> StartAsync()
    {
        TestTarget target = await TestTarget.StartAsync();
        await Control(target).AddAsync("tcp://127.0.0.1:0", [$"{target.Address}"]);
        return target;
    }
}
