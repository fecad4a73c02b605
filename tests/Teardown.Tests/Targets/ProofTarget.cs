using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Hosting;
using Nvmf.Hosting.Internal;
using Nvmf.Target;
using Nvmf.Target.Namespaces;
using Nvmf.Transport.Tcp;
using Nvmf.Transport.Tcp.Internal;
using Nvmf.Transport.Tcp.QueuePairs;
using Nvmf.Transport.Tcp.Tests.Connections.ClosedWindow;

namespace Nvmf.Teardown.Tests.Targets;

/// <summary>A whole target in a generic host: real sockets, poisoned pool, short deadlines, a disk of stamps whose requests can be held.</summary>
internal sealed class ProofTarget : IAsyncDisposable
{
    public const string Nqn = "nqn.2026-11.example:proof";
    public const string HostNqn = "nqn.2026-11.example:host";

    /// <summary>T3 is no deadline that a working kernel meets: on loopback the proof comes at once.</summary>
    public static readonly DrainDeadlines Deadlines = new(TimeSpan.FromMilliseconds(400), TimeSpan.FromMilliseconds(400), TimeSpan.FromSeconds(20));

    /// <summary>T2 for a host that reads: however busy the machine, all of it arrives.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private ProofTarget(IHost host, FaultInjectingBackend disk, WatchingListenerFactory watch)
    {
        Host = host;
        Disk = disk;
        Watch = watch;
        Address = Control.Listeners[0].Address;
    }

    public IHost Host { get; }

    public FaultInjectingBackend Disk { get; }

    public WatchingListenerFactory Watch { get; }

    public INvmeTargetControl Control => Host.Services.GetRequiredService<INvmeTargetControl>();

    public BufferPool Pool => Host.Services.GetRequiredService<BufferPool>();

    public FabricsAddress Address { get; }

    public IPEndPoint EndPoint => IPEndPoint.Parse($"{Address.Host}:{Address.Port}");

    /// <summary>Connections accepted and not destroyed.</summary>
    public long OpenConnections => Transport(Host).Loops.Sum(loop => loop.Counters.ConnectionsOpened - loop.Counters.ConnectionsClosed);

    /// <param name="zeroCopy">Send everything by reference, or nothing.</param>
    /// <param name="userTimeout">TCP_USER_TIMEOUT.</param>
    /// <param name="transmissions">T2; otherwise that of <see cref="Deadlines"/>.</param>
    /// <param name="naive">The negative control: connections believe that nothing is in flight once the end has begun.</param>
    public static async Task<ProofTarget> StartAsync(bool zeroCopy, TimeSpan? userTimeout = null, TimeSpan? transmissions = null, bool naive = false)
    {
        var disk = new FaultInjectingBackend(new StampedBackend());
        WatchingListenerFactory? watch = null;
        HostApplicationBuilder builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.UseNvmeTransport(options =>
        {
            options.Listen("tcp://127.0.0.1:0");
            options.AddSubsystem(Nqn, s => s.AddNamespace(_ => disk).AllowHost(HostNqn));
            options.Poison = true;
            options.Loops = 1;
            options.ZeroCopy = zeroCopy ? "always" : "never";
            options.Deadlines.Commands = Deadlines.Commands;
            options.Deadlines.Transmissions = transmissions ?? Deadlines.Transmissions;
            options.Deadlines.Abort = Deadlines.Abort;
        });
        builder.Services.Configure<TcpTransportOptions>(tcp =>
        {
            // Fixed, so that what one test queues does not fit into the kernel.
            tcp.SendBufferSize = 256 << 10;
            tcp.UserTimeout = userTimeout ?? tcp.UserTimeout;
            tcp.KeepAliveIdle = TimeSpan.FromSeconds(1);
        });
        builder.Services.Configure<NvmeTargetOptions>(target => target.KeepAliveGranularity = TimeSpan.FromMilliseconds(100));
        builder.Services.AddSingleton<IQueuePairListenerFactory>(
            services => watch = new WatchingListenerFactory(services.GetRequiredService<TcpQueuePairListenerFactory>()));
        IHost host = builder.Build();
        if (naive)
        {
            Transport(host).SocketDecorator = socket => new NaiveTcpSocket(socket);
        }

        await host.StartAsync().WaitAsync(Eventually.Deadline);
        return new ProofTarget(host, disk, watch!);
    }

    /// <summary>The reports of the first <paramref name="count"/> queue pairs, in the order in which they were accepted.</summary>
    public async Task<DrainReport[]> ReportsAsync(int count) =>
        await Task.WhenAll(Watch.Accepted.Take(count).Select(q => q.Lifecycle.Completion)).WaitAsync(Eventually.Deadline);

    /// <summary>Stops the host and looks at what is left.</summary>
    public async Task<BufferPoolStatistics> StopAsync()
    {
        await Host.StopAsync().WaitAsync(Eventually.Deadline);
        return Pool.Statistics;
    }

    private static TcpTransport Transport(IHost host) => ((TcpTransportFactory)host.Services.GetRequiredService<TcpEngine>().Connections).Transport;

    public async ValueTask DisposeAsync()
    {
        await Host.StopAsync().WaitAsync(Eventually.Deadline);
        Host.Dispose();
    }
}
