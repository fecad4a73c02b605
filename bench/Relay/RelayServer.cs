using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Nvmf.EventLoop;
using Nvmf.Transport.Tcp;
using Nvmf.Transport.Tcp.Relay;

namespace Nvmf.Bench.Relay;

/// <summary>Our relay, in the child: one line with its port; the end of the input is its end.</summary>
internal static class RelayServer
{
    public static async Task<int> RunAsync(RelayKind kind, int upstreamPort, int core)
    {
        Affinity.Pin(core);
        await using var transport = new TcpTransportFactory(
            Options.Create(new TcpTransportOptions { LoopOptions = new EventLoopGroupOptions { Count = 1, Name = "relay" } }), NullLoggerFactory.Instance);
        await using var relays = new SpliceRelayFactory(Options.Create(new RelayOptions { UseSplice = kind == RelayKind.Splice }), NullLoggerFactory.Instance);
        await using var listener = await transport.BindAsync(new IPEndPoint(IPAddress.Loopback, 0));
        var upstreams = new RelayUpstreams([new IPEndPoint(IPAddress.Loopback, upstreamPort)]);
        var accepting = AcceptAsync(listener, relays, upstreams);
        Console.WriteLine(((IPEndPoint)listener.EndPoint).Port.ToString(CultureInfo.InvariantCulture));
        await Task.Run(() => Console.In.ReadToEnd());
        await listener.UnbindAsync();
        await accepting;
        return 0;
    }

    private static async Task AcceptAsync(IConnectionListener listener, SpliceRelayFactory relays, RelayUpstreams upstreams)
    {
        while (await listener.AcceptAsync() is { } connection)
        {
            _ = ForwardAsync(connection, relays, upstreams);
        }
    }

    private static async Task ForwardAsync(ConnectionContext connection, SpliceRelayFactory relays, RelayUpstreams upstreams)
    {
        if (await relays.ForwardAsync(connection, upstreams) is { } relay)
        {
            await relay.Completion;
        }

        await connection.DisposeAsync();
    }
}
