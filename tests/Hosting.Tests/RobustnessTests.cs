using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Initiator;
using Nvmf.Transport.Tcp.QueuePairs;

namespace Nvmf.Hosting.Tests;

public class RobustnessTests
{
    [Theory]
    [InlineData(3)]
    [InlineData(int.MaxValue)]
    public async Task A_transport_of_ones_own_is_asked_first_and_may_fail_to_accept(int failures)
    {
        HostApplicationBuilder builder = TestTarget.NewBuilder();
        builder.UseNvmeTransport(o => o.Listen("tcp://127.0.0.1:0").AddSubsystem(TestTarget.Nqn, s => s.AddNamespace("mem:1MiB")));
        FlakyListenerFactory? flaky = null;
        builder.Services.AddSingleton<IQueuePairListenerFactory>(
            s => flaky = new FlakyListenerFactory(s.GetRequiredService<TcpQueuePairListenerFactory>(), failures));
        await using TestTarget target = await TestTarget.StartAsync(builder.Build());

        await Wait.UntilAsync(() => flaky!.Failed >= Math.Min(failures, 3), "failures to accept");
        if (failures == 3)
        {
            await using var initiator = new TestInitiator();
            await initiator.ConnectAsync(target.Address, TestTarget.Nqn);
        }

        // A listener that fails for ever must still come down.
        await target.Control.RemoveListenerAsync(target.Address.ToString()).WaitAsync(Wait.Deadline);
    }

    [Fact]
    public async Task The_stop_keeps_to_the_hosts_shutdown_time_whatever_a_back_end_does()
    {
        HostApplicationBuilder builder = TestTarget.NewBuilder();
        builder.UseNvmeTransport(o =>
        {
            o.Listen("tcp://127.0.0.1:0").AddSubsystem(TestTarget.Nqn, s => s.AddNamespace("mem:1MiB,delay=60000ms"));
            o.Deadlines.Commands = TimeSpan.FromMinutes(10);
        });
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromSeconds(2));
        using IHost host = builder.Build();
        await host.StartAsync();
        await using var initiator = new TestInitiator();
        NvmeController controller = await initiator.ConnectAsync(
            host.Services.GetRequiredService<INvmeTargetControl>().Listeners[0].Address, TestTarget.Nqn);
        Task write = (await controller.OpenNamespaceAsync(1)).WriteAsync(0, new byte[512]).AsTask();

        long start = Stopwatch.GetTimestamp();
        await host.StopAsync().WaitAsync(Wait.Deadline).ContinueWith(_ => { }, TaskScheduler.Default);

        Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(15), $"{Stopwatch.GetElapsedTime(start)}");
        await controller.Ended.WaitAsync(Wait.Deadline);
        await Assert.ThrowsAnyAsync<Exception>(() => write.WaitAsync(Wait.Deadline));
    }

    [Fact]
    public async Task Ends_of_queue_pairs_and_buffers_are_measured()
    {
        await using TestTarget target = await TestTarget.StartAsync();
        var causes = new List<string?>();
        var gauges = new HashSet<string>();
        using var listener = new MeterListener();
        IMeterFactory meters = target.Host.Services.GetRequiredService<IMeterFactory>();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter.Name == "Nvmf.Hosting" && instrument.Meter.Scope == meters)
            {
                l.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((_, _, tags, _) =>
        {
            lock (causes)
            {
                causes.Add((string?)tags[0].Value);
            }
        });
        listener.SetMeasurementEventCallback<long>((instrument, _, _, _) => gauges.Add(instrument.Name));
        listener.SetMeasurementEventCallback<int>((instrument, _, _, _) => gauges.Add(instrument.Name));
        listener.Start();

        await using (var initiator = new TestInitiator())
        {
            await initiator.ConnectAsync(target.Address, TestTarget.Nqn);
            await target.Control.RemoveListenerAsync(target.Address.ToString()).WaitAsync(Wait.Deadline);
        }

        await Wait.UntilAsync(() => causes.Count == 2, "two ends of queue pairs");
        Assert.All(causes, c => Assert.Equal(nameof(TeardownCause.ListenerRemoved), c));
        listener.RecordObservableInstruments();
        Assert.Superset(
            new HashSet<string> { "nvmf.buffers.allocated", "nvmf.buffers.rented", "nvmf.buffers.quarantined", "nvmf.buffers.waiters", "nvmf.buffers.poison_violations" },
            gauges);
    }

    [Fact]
    public async Task A_container_that_is_disposed_without_having_started_closes_nothing_and_does_not_throw()
    {
        using (ServiceProvider synchronous = new ServiceCollection().AddNvmeTransport().BuildServiceProvider())
        {
            Assert.Empty(synchronous.GetRequiredService<INvmeTargetControl>().Listeners);
        }

        await using ServiceProvider asynchronous = new ServiceCollection().AddNvmeTransport().BuildServiceProvider();
        Assert.Empty(asynchronous.GetRequiredService<INvmeTargetControl>().Subsystems);
    }
}
