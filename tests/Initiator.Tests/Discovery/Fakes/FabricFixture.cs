using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Initiator.Tests.Fakes;
using Nvmf.Initiator.Tests.Multipath.Fakes;
using Nvmf.Testing;
using Nvmf.Transport.Tcp;

namespace Nvmf.Initiator.Tests.Discovery.Fakes;

/// <summary>Several targets of one process, each with discovery and a subsystem of its own, and a host.</summary>
internal sealed class FabricFixture : IAsyncDisposable
{
    private static readonly DrainDeadlines Deadlines = new(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(20));

    private readonly PoisonedPool _targetPool = new(64 << 20);
    private readonly PoisonedPool _hostPool = new(64 << 20);
    private readonly TcpTransportFactory _transport;

    private FabricFixture()
    {
        _transport = new TcpTransportFactory(Options.Create(new TcpTransportOptions { BufferPool = _targetPool.Pool, DrainDeadlines = Deadlines }), NullLoggerFactory.Instance);
        Host = new NvmeHost(_hostPool.Pool, new TcpTransportOptions { BufferPool = _hostPool.Pool, DrainDeadlines = Deadlines }, Log);
    }

    public NvmeHost Host { get; }

    public LogLines Log { get; } = new();

    public List<FabricSite> Sites { get; } = [];

    public static async Task<FabricFixture> StartAsync(int sites)
    {
        var fixture = new FabricFixture();
        for (var i = 0; i < sites; i++)
        {
            fixture.Sites.Add(new FabricSite(fixture._transport, fixture._targetPool.Pool, $"nqn.2026-11.test:site{i}"));
            await fixture.Sites[i].ListenAsync();
        }

        return fixture;
    }

    /// <summary>An address at which nobody listens.</summary>
    public static IPEndPoint Nobody()
    {
        using var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.InterNetwork, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return (IPEndPoint)socket.LocalEndPoint!;
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync().AsTask().WaitAsync(TargetFixture.Patience);
        foreach (var site in Sites)
        {
            await site.DisposeAsync().AsTask().WaitAsync(TargetFixture.Patience);
        }

        await _transport.DisposeAsync().AsTask().WaitAsync(TargetFixture.Patience);
        _hostPool.Dispose();
        _targetPool.Dispose();
    }
}
