using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Nvmf.Abstractions.Buffers;
using Nvmf.EventLoop.Native;
using Nvmf.Transport.Tcp.Internal;

namespace Nvmf.Transport.Tcp.Tests.Connections.ZeroCopy;

/// <summary>When sending without a copy is tried again after a refusal, and when it is given up.</summary>
public class ZeroCopyChoiceTests
{
    private const int Length = 65536;

    [Theory]
    [InlineData("auto", true)]
    [InlineData("16384", false)]
    public async Task AKernelThatCopiesAfterAllSwitchesAutoOffAndNothingElse(string mode, bool givenUp)
    {
        Assert.True(ZeroCopyMode.TryParse(mode, out ZeroCopyMode parsed));
        await using var host = new TcpTestHost(options => options.ZeroCopy = parsed);

        // Over loopback the kernel always copies in the end; the address makes "auto" try all the same.
        host.Factory.Transport.SocketDecorator = socket => new ScriptedTcpSocket(socket) { SeemsRemote = true };
        await using IConnectionListener listener = await host.Factory.BindAsync(new IPEndPoint(IPAddress.Loopback, 0));
        using var peer = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await peer.ConnectAsync(listener.EndPoint);
        ConnectionContext connection = (await listener.AcceptAsync())!;
        var handler = new RecordingHandler(connection);
        handler.Feature.Attach(handler);
        for (int i = 1; i <= 16; i++)
        {
            int sends = i;
            await SendAsync(host, handler, peer);
            await Within.Until(() => Counters(host, counters => counters.Notifications) == sends, "the send is proven");
        }

        Assert.Equal(16 * Length, Counters(host, counters => counters.BytesZeroCopied));
        await SendAsync(host, handler, peer);
        Assert.Equal(givenUp ? Length : 0, Counters(host, counters => counters.BytesCopied));
        Assert.Equal(givenUp ? 1 : 0, Counters(host, counters => counters.ZeroCopyGivenUp));
        await connection.DisposeAsync();
    }

    [Fact]
    public async Task AfterARefusalTheNextProofOpensTheWayAgain()
    {
        ScriptedTcpSocket? script = null;
        await using var host = new TcpTestHost(options => options.ZeroCopy = ZeroCopyMode.Always);
        host.Factory.Transport.SocketDecorator = socket =>
            script = new ScriptedTcpSocket(socket) { Withholds = true, Refusal = static call => call == 1 ? Errno.ENOBUFS : 0 };
        (ConnectionContext connection, Socket peer) = await host.ConnectPairAsync();
        var handler = new RecordingHandler(connection);
        handler.Feature.Attach(handler);

        // Taken; refused; held back without asking, because nothing has come back yet.
        for (int i = 0; i < 3; i++)
        {
            await SendAsync(host, handler, peer);
        }

        Assert.Equal((1, 1), (script!.Refused, script.ZeroCopyCalls - 1));
        Assert.Equal(Length, Counters(host, counters => counters.BytesZeroCopied));
        Assert.Equal(Length, Counters(host, counters => counters.FallbackBytes[(int)ZeroCopyRefusal.HeldBack]));

        script.Withholds = false;
        await Within.Until(() => Counters(host, counters => counters.Notifications) > 0, "the first send is proven");
        await SendAsync(host, handler, peer);
        Assert.Equal(2 * Length, Counters(host, counters => counters.BytesZeroCopied));
        await connection.DisposeAsync();
    }

    /// <summary>One lease by itself, all the way to the peer.</summary>
    private static async Task SendAsync(TcpTestHost host, RecordingHandler handler, Socket peer)
    {
        await handler.OnLoop(() =>
        {
            BufferLease lease = host.Rent(Length);
            PeerStream.Fill(lease.Span, 0);
            handler.Feature.Append(lease);
        });
        await PeerStream.ReceiveAsync(peer, Length, Length, 1);
        await handler.OnLoop(() => { });
    }

    private static long Counters(TcpTestHost host, Func<TcpCounters, long> value) => host.Factory.Transport.Loops.Sum(loop => value(loop.Counters));
}
