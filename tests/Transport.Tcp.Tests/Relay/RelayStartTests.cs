using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Nvmf.Transport.Tcp.Relay;
using Nvmf.Transport.Tcp.Tests.Connections;

namespace Nvmf.Transport.Tcp.Tests.Relay;

/// <summary>First bytes, upstreams that cannot be reached, options.</summary>
public class RelayStartTests
{
    [Theory]
    [InlineData(RelayWay.Splice, 100)]
    [InlineData(RelayWay.Splice, 1_000_000)]
    [InlineData(RelayWay.Copy, 100_000)]
    [InlineData(RelayWay.Pipelines, 100_000)]
    public async Task FirstBytesGoFirst(RelayWay way, int first)
    {
        await using var host = new RelayTestHost(way, transport: options => options.SendBufferSize = 16 << 10, serverReceiveBuffer: 4096);
        byte[] bytes = new byte[first];
        PeerStream.Fill(bytes, 0);
        RelayedPair pair = await host.ConnectAsync(bytes);
        Task sending = PeerStreams.SendAsync(pair.Client, 500_000, 10_000, seed: 1, phase: first);
        await PeerStream.ReceiveAsync(pair.Server, first + 500_000, 30_000, seed: 2);
        await sending;
        await pair.CloseAsync();
        Assert.Equal(first + 500_000, pair.Relay.BytesUpstream);
    }

    /// <summary>A sniffer looks into the pipe, answers, leaves some bytes unread, and hands over.</summary>
    [Theory]
    [InlineData(RelayWay.Splice)]
    [InlineData(RelayWay.Pipelines)]
    public async Task WhatASnifferLeftInThePipeGoesFirst(RelayWay way)
    {
        await using var host = new RelayTestHost(way);
        (Socket client, ConnectionContext downstream) = await host.AcceptAsync();
        await client.SendAsync("HELLO"u8.ToArray().AsMemory());
        await PeerStream.SendAsync(client, 50_000, 50_000, seed: 1);
        PipeReader input = downstream.Transport.Input;
        ReadResult hello = await input.ReadAtLeastAsync(5).AsTask().WaitAsync(Within.Limit);
        Assert.Equal("HELLO"u8, hello.Buffer.Slice(0, 5).ToArray());
        input.AdvanceTo(hello.Buffer.GetPosition(5), hello.Buffer.End);
        await downstream.Transport.Output.WriteAsync("WELCOME"u8.ToArray());
        SpliceRelay? relay = await host.Factory.ForwardAsync(downstream, host.Upstreams).WaitAsync(Within.Limit);
        Assert.Equal(way == RelayWay.Splice, relay!.IsSplicing);
        var pair = new RelayedPair(client, await host.AcceptServerAsync(), relay);
        Task sending = PeerStreams.SendAsync(client, 400_000, 10_000, seed: 2, phase: 50_000);
        await PeerStream.ReceiveAsync(pair.Server, 450_000, 30_000, seed: 3);
        await sending;
        byte[] welcome = new byte[7];
        await ReceiveExactlyAsync(client, welcome);
        Assert.Equal("WELCOME"u8, welcome);
        await PeerStream.SendAsync(pair.Server, 1000, 1000, seed: 4);
        await PeerStream.ReceiveAsync(client, 1000, 1000, seed: 4);
        await pair.CloseAsync();
        await downstream.DisposeAsync();
    }

    [Fact]
    public async Task AClientThatIsGoneBeforeTheRelayStartsEndsIt()
    {
        await using var host = new RelayTestHost();
        (Socket client, ConnectionContext downstream) = await host.AcceptAsync();
        client.Close(0);
        SpliceRelay? relay = await host.Factory.ForwardAsync(downstream, host.Upstreams).WaitAsync(Within.Limit);
        Socket server = await host.AcceptServerAsync();
        await PeerStream.ExpectResetAsync(server);
        await relay!.Completion.WaitAsync(Within.Limit);
        await downstream.DisposeAsync();
    }

    [Theory]
    [InlineData(RelayWay.Splice)]
    [InlineData(RelayWay.Pipelines)]
    public async Task AnUpstreamThatRefusesIsPassedOverUntilItComesBack(RelayWay way)
    {
        await using var host = new RelayTestHost(way);
        using var late = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        late.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        host.Upstreams = new RelayUpstreams([late.LocalEndPoint!, host.ServerEndPoint]);
        for (int i = 0; i < 4; i++)
        {
            await (await host.ConnectAsync()).CloseAsync();
        }

        RelayUpstream broken = host.Upstreams.All[0];
        Assert.False(broken.IsHealthy);
        Assert.Equal((0, 1), (broken.Connects, broken.Failures));
        Assert.Contains("refused", broken.LastError, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(4, host.Upstreams.All[1].Connects);
        Assert.Equal(1, host.Factory.Statistics.ConnectsFailed);

        late.Listen();
        using var stop = new CancellationTokenSource();
        Task monitor = host.Upstreams.MonitorAsync(TimeSpan.FromMilliseconds(20), stop.Token);
        await Within.Until(() => broken.IsHealthy, "the upstream is seen to be back");
        await stop.CancelAsync();
        await monitor;
    }

    [Theory]
    [InlineData(RelayWay.Splice)]
    [InlineData(RelayWay.Pipelines)]
    public async Task WithoutAnUpstreamTheClientIsReset(RelayWay way)
    {
        await using var host = new RelayTestHost(way);
        using var nobody = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        nobody.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        (Socket client, ConnectionContext downstream) = await host.AcceptAsync();
        Assert.Null(await host.Factory.ForwardAsync(downstream, new RelayUpstreams([nobody.LocalEndPoint!])).WaitAsync(Within.Limit));
        await PeerStream.ExpectResetAsync(client);
        await downstream.DisposeAsync();
    }

    [Fact]
    public async Task ConnectingHasATimeLimit()
    {
        await using var host = new RelayTestHost(configure: options => options.ConnectTimeout = TimeSpan.FromMilliseconds(200));

        // A full queue of connections: the kernel drops what else comes.
        using var deaf = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        deaf.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        deaf.Listen(0);
        using var filler = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await filler.ConnectAsync(deaf.LocalEndPoint!);
        (Socket client, ConnectionContext downstream) = await host.AcceptAsync();
        var upstreams = new RelayUpstreams([deaf.LocalEndPoint!]);
        Assert.Null(await host.Factory.ForwardAsync(downstream, upstreams).WaitAsync(Within.Limit));
        Assert.Equal("no answer within 0.2 s", upstreams.All[0].LastError);
        await PeerStream.ExpectResetAsync(client);
        await downstream.DisposeAsync();
    }

    /// <summary>One pipe, no memory for copying: directions wait for their turn and all arrive.</summary>
    [Fact]
    public async Task DirectionsThatFindNoPipeCopyInstead()
    {
        await using var host = new RelayTestHost(configure: options => options.MaxPipes = 0);
        RelayedPair pair = await host.ConnectAsync();
        Task sending = PeerStream.SendAsync(pair.Client, 1 << 20, 50_000, seed: 1);
        await PeerStream.ReceiveAsync(pair.Server, 1 << 20, 50_000, seed: 2);
        await sending;
        await pair.CloseAsync();
        Assert.Equal((0, 1 << 20), (host.Factory.Statistics.BytesSpliced, host.Factory.Statistics.BytesCopied));
        Assert.True(host.Factory.Statistics.PipesRefused > 0);
    }

    [Fact]
    public void OptionsOutOfRangeAreRefused()
    {
        static void Make(Action<RelayOptions> change)
        {
            var options = new RelayOptions();
            change(options);
            _ = new SpliceRelayFactory(Microsoft.Extensions.Options.Options.Create(options), new CollectingLoggerFactory());
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => Make(o => o.PipeSize = 100));
        Assert.Throws<ArgumentOutOfRangeException>(() => Make(o => o.MaxPipes = -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Make(o => o.CopyBufferSize = 2 << 20));
        Assert.Throws<ArgumentOutOfRangeException>(() => Make(o => o.ConnectTimeout = TimeSpan.Zero));
        Assert.Throws<ArgumentOutOfRangeException>(() => Make(o => o.IdleTimeout = TimeSpan.Zero));
        Assert.Throws<ArgumentException>(() => new RelayUpstreams([]));
    }

    private static async Task ReceiveExactlyAsync(Socket socket, byte[] bytes)
    {
        for (int n = 0; n < bytes.Length;)
        {
            int received = await socket.ReceiveAsync(bytes.AsMemory(n)).AsTask().WaitAsync(Within.Limit);
            Assert.NotEqual(0, received);
            n += received;
        }
    }
}
