using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Nvmf.Abstractions.Buffers;

namespace Nvmf.Hosting.Tests;

/// <summary>What health checks, and the end of the host, say of a target.</summary>
public class HealthTests
{
    [Fact]
    public async Task Health_follows_the_target()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
        builder.WebHost.UseNvmeTransport(KestrelTests.ConfigureTarget);
        builder.Services.AddHealthChecks().AddNvmeTarget();
        WebApplication app = builder.Build();
        app.MapHealthChecks("/health");
        await using TestTarget target = await TestTarget.StartAsync(app);
        using var http = new HttpClient();

        Assert.Equal("Healthy", await http.GetStringAsync(new Uri(KestrelTests.HttpAddress(app) + "/health")));
        Assert.True(target.Pool.TryRent(4096, BufferPriority.InputOutput, out BufferLease lease));
        lease.Quarantine();
        target.ExpectedQuarantine = target.Pool.Statistics.QuarantinedBytes;
        Assert.Equal("Degraded", await http.GetStringAsync(new Uri(KestrelTests.HttpAddress(app) + "/health")));
        await app.Services.GetServices<IHostedService>().Single(s => s.GetType().Assembly == typeof(INvmeTargetControl).Assembly).StopAsync(default);
        using HttpResponseMessage response = await http.GetAsync(new Uri(KestrelTests.HttpAddress(app) + "/health"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
    }

    [Fact]
    public async Task A_target_that_does_not_listen_is_as_unhealthy_as_asked_for()
    {
        HostApplicationBuilder builder = TestTarget.NewBuilder();
        builder.Services.AddHealthChecks().AddNvmeTarget("strict").AddNvmeTarget("lenient", HealthStatus.Degraded);
        using IHost host = builder.Build();

        HealthReport report = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();

        Assert.Equal((HealthStatus.Unhealthy, HealthStatus.Degraded), (report.Entries["strict"].Status, report.Entries["lenient"].Status));
    }

    [Fact]
    public async Task A_disk_that_lost_data_fails_the_stop_of_the_host()
    {
        const string Complaint = "The disk could not make written data durable.";
        var disk = new WornDisk();
        HostApplicationBuilder builder = TestTarget.NewBuilder();
        builder.UseNvmeTransport(o => o.Listen("tcp://127.0.0.1:0").AddSubsystem(TestTarget.Nqn, s => s.AddNamespace("mem:16MiB").AddNamespace(_ => disk)));
        using IHost host = builder.Build();
        await host.StartAsync().WaitAsync(Wait.Deadline);

        // At the very end, when it is closed.
        disk.ComplaintWhenClosed = Complaint;
        IOException error = await Assert.ThrowsAsync<IOException>(() => host.StopAsync().WaitAsync(Wait.Deadline));

        Assert.Equal(Complaint, error.Message);
    }

    [Fact]
    public async Task A_faulty_disk_degrades_the_health_of_the_target()
    {
        const string Complaint = "The disk could not make written data durable.";
        var disk = new WornDisk();
        HostApplicationBuilder builder = TestTarget.NewBuilder();
        builder.UseNvmeTransport(o => o.Listen("tcp://127.0.0.1:0").AddSubsystem(TestTarget.Nqn, s => s.AddNamespace("mem:16MiB").AddNamespace(_ => disk)));
        builder.Services.AddHealthChecks().AddNvmeTarget();
        await using TestTarget target = await TestTarget.StartAsync(builder.Build());
        HealthCheckService health = target.Host.Services.GetRequiredService<HealthCheckService>();
        async Task<(HealthStatus, string?, object)> CheckAsync()
        {
            HealthReportEntry entry = (await health.CheckHealthAsync()).Entries["nvme"];
            return (entry.Status, entry.Description, entry.Data["faultyDisks"]);
        }

        Assert.Equal((HealthStatus.Healthy, "The target is listening.", 0), await CheckAsync());
        disk.Complain(Complaint);
        Assert.Equal((HealthStatus.Degraded, Complaint, 1), await CheckAsync());

        // No longer than the disk complains.
        disk.Complain(null);
        Assert.Equal((HealthStatus.Healthy, "The target is listening.", 0), await CheckAsync());
    }
}
