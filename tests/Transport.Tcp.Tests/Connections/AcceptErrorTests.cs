using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Nvmf.EventLoop;
using Nvmf.EventLoop.Native;

namespace Nvmf.Transport.Tcp.Tests.Connections;

/// <summary>What accept(2) may answer. Scripted: a test that used up the descriptors of its process would take the runtime down with it.</summary>
public class AcceptErrorTests
{
    [Theory]
    [InlineData(Errno.EMFILE)]
    [InlineData(Errno.ENFILE)]
    [InlineData(Errno.ENOBUFS)]
    [InlineData(Errno.ENOMEM)]
    public async Task AListenerWithoutResourcesWaitsAndRecovers(int errno)
    {
        await using var host = new TcpTestHost();
        ScriptedListenSocket? script = null;
        host.Factory.Transport.ListenSocketDecorator = socket => script = new ScriptedListenSocket(socket);
        await using IConnectionListener listener = await host.Factory.BindAsync(new IPEndPoint(IPAddress.Loopback, 0));
        script!.Refuse(errno, times: 3);
        await AcceptsAsync(listener);
        Assert.True(script.IsExhausted);
        // One wait for each refusal: readiness is off in between.
        Assert.Equal(3, host.Log.Entries.Count(entry => entry.Id.Name == "AcceptBackOff"));
        Assert.Equal(ReadyEvents.Readable, script.Events);
    }

    [Theory]
    [InlineData(Errno.ECONNABORTED)]
    [InlineData(Errno.EINTR)]
    [InlineData(Errno.EPERM)]
    [InlineData(Errno.ENETDOWN)]
    [InlineData(Errno.EHOSTUNREACH)]
    public async Task AConnectionThatDiedInTheBacklogIsPassedOver(int errno)
    {
        await using var host = new TcpTestHost();
        ScriptedListenSocket? script = null;
        host.Factory.Transport.ListenSocketDecorator = socket => script = new ScriptedListenSocket(socket);
        await using IConnectionListener listener = await host.Factory.BindAsync(new IPEndPoint(IPAddress.Loopback, 0));
        script!.Refuse(errno, times: 100);
        await AcceptsAsync(listener);
        Assert.True(script.IsExhausted);
        Assert.False(host.Log.Has(33, "AcceptBackOff"));
    }

    [Theory]
    [InlineData(Errno.EBADF)]
    [InlineData(Errno.EINVAL)]
    [InlineData(Errno.ENOTSOCK)]
    public async Task AListenerThatCannotAcceptSaysSoInsteadOfSpinning(int errno)
    {
        await using var host = new TcpTestHost();
        ScriptedListenSocket? script = null;
        host.Factory.Transport.ListenSocketDecorator = socket => script = new ScriptedListenSocket(socket);
        IConnectionListener listener = await host.Factory.BindAsync(new IPEndPoint(IPAddress.Loopback, 0));
        script!.Refuse(errno, times: 1);
        using var peer = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await peer.ConnectAsync(listener.EndPoint);
        IOException error = await Assert.ThrowsAsync<IOException>(() => listener.AcceptAsync().AsTask().WaitAsync(Within.Limit));
        Assert.Contains(listener.EndPoint.ToString()!, error.Message, StringComparison.Ordinal);
        Assert.Equal(1, script.Calls);
        Assert.Equal(ReadyEvents.None, script.Events);
        await listener.DisposeAsync().AsTask().WaitAsync(Within.Limit);
    }

    [Fact]
    public async Task AListenerThatBacksOffCanBeUnbound()
    {
        await using var host = new TcpTestHost();
        ScriptedListenSocket? script = null;
        host.Factory.Transport.ListenSocketDecorator = socket => script = new ScriptedListenSocket(socket);
        IConnectionListener listener = await host.Factory.BindAsync(new IPEndPoint(IPAddress.Loopback, 0));
        script!.Refuse(Errno.EMFILE, times: int.MaxValue >> 16);
        using var peer = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await peer.ConnectAsync(listener.EndPoint);
        await Within.Until(() => host.Log.Has(33, "AcceptBackOff"), "the listener backs off");
        await listener.UnbindAsync().AsTask().WaitAsync(Within.Limit);
        Assert.Null(await listener.AcceptAsync());
    }

    private static async Task AcceptsAsync(IConnectionListener listener)
    {
        using var peer = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await peer.ConnectAsync(listener.EndPoint);
        ConnectionContext? connection = await listener.AcceptAsync().AsTask().WaitAsync(Within.Limit);
        Assert.Equal(((IPEndPoint)peer.LocalEndPoint!).Port, ((IPEndPoint)connection!.RemoteEndPoint!).Port);
        connection.Abort();
        await connection.DisposeAsync();
    }
}
