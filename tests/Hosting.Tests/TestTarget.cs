using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;

namespace Nvmf.Hosting.Tests;

/// <summary>A started host with a target; at the end nothing may be left rented.</summary>
internal sealed class TestTarget : IAsyncDisposable
{
    public const string Nqn = "nqn.2026-11.example:disk";

    private TestTarget(IHost host) => Host = host;

    public IHost Host { get; }

    public INvmeTargetControl Control => Host.Services.GetRequiredService<INvmeTargetControl>();

    public BufferPool Pool => Host.Services.GetRequiredService<BufferPool>();

    /// <summary>Bytes that the test put into quarantine itself.</summary>
    public long ExpectedQuarantine { get; set; }

    public FabricsAddress Address => Control.Listeners[0].Address;

    /// <summary>One listener on a free port and one memory disk, unless <paramref name="configure"/> is given.</summary>
    public static Task<TestTarget> StartAsync(Action<NvmeTransportOptions>? configure = null)
    {
        HostApplicationBuilder builder = NewBuilder();
        builder.UseNvmeTransport(configure ?? (o => o.Listen("tcp://127.0.0.1:0").AddSubsystem(Nqn, s => s.AddNamespace("mem:16MiB"))));
        return StartAsync(builder.Build());
    }

    public static async Task<TestTarget> StartAsync(IHost host)
    {
        try
        {
            await host.StartAsync().WaitAsync(Wait.Deadline);
        }
        catch
        {
            host.Dispose();
            throw;
        }

        return new TestTarget(host);
    }

    public static HostApplicationBuilder NewBuilder()
    {
        HostApplicationBuilder builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.Debug);
        builder.Services.AddNvmeTransport(o => o.Poison = true);
        return builder;
    }

    public async ValueTask DisposeAsync()
    {
        await Host.StopAsync().WaitAsync(Wait.Deadline);
        BufferPoolStatistics pool = Pool.Statistics;
        Assert.Equal((0, ExpectedQuarantine, 0), (pool.RentedBlocks, pool.QuarantinedBytes, pool.PoisonViolations));
        Host.Dispose();
    }
}
