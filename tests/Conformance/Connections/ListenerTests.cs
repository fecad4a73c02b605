using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Nvmf.Conformance.Tests.Transports;

namespace Nvmf.Conformance.Tests.Connections;

public class ListenerTests
{
    [Theory]
    [MemberData(nameof(Kinds.Ip), MemberType = typeof(Kinds))]
    public async Task The_end_point_is_the_bound_one(TransportKind kind)
    {
        await using TestTransport transport = await TestTransport.StartAsync(kind);
        var bound = Assert.IsType<IPEndPoint>(transport.Listener.EndPoint);
        Assert.NotEqual(0, bound.Port);
        Assert.Equal(IPAddress.Loopback, bound.Address);
    }

    [Theory]
    [MemberData(nameof(Kinds.Real), MemberType = typeof(Kinds))]
    public async Task An_address_that_is_taken_is_said_to_be_in_use(TransportKind kind)
    {
        await using TestTransport transport = await TestTransport.StartAsync(kind);
        await Assert.ThrowsAsync<AddressInUseException>(() => transport.BindAsync(transport.Listener.EndPoint));
    }

    [Theory]
    [MemberData(nameof(Kinds.Real), MemberType = typeof(Kinds))]
    public async Task An_address_is_free_again_when_the_listener_is_disposed(TransportKind kind)
    {
        await using TestTransport transport = await TestTransport.StartAsync(kind);
        (ConnectionContext connection, Peer peer) = await transport.ConnectAsync();
        await transport.Listener.DisposeAsync().WithinLimit();
        await using IConnectionListener second = await transport.BindAsync(transport.Listener.EndPoint);
        await using Peer newPeer = await transport.ConnectPeerAsync(endPoint: second.EndPoint);
        ConnectionContext? accepted = await second.AcceptAsync().WithinLimit();
        Assert.NotNull(accepted);
        await peer.DisposeAsync();
        await newPeer.DisposeAsync();
        await connection.DisposeAsync().WithinLimit();
        await accepted.DisposeAsync().WithinLimit();
    }

    [Theory]
    [MemberData(nameof(Kinds.All), MemberType = typeof(Kinds))]
    public async Task Unbinding_ends_a_waiting_accept_and_every_later_one_with_null(TransportKind kind)
    {
        await using TestTransport transport = await TestTransport.StartAsync(kind);
        Task<ConnectionContext?> waiting = transport.Listener.AcceptAsync().AsTask();
        await transport.Listener.UnbindAsync().WithinLimit();
        Assert.Null(await waiting.WithinLimit());
        Assert.Null(await transport.Listener.AcceptAsync().WithinLimit());
        await transport.Listener.DisposeAsync().WithinLimit();
        Assert.Null(await transport.Listener.AcceptAsync().WithinLimit());
    }

    [Theory]
    [MemberData(nameof(Kinds.All), MemberType = typeof(Kinds))]
    public async Task Unbinding_leaves_connections_alone(TransportKind kind)
    {
        await using TestTransport transport = await TestTransport.StartAsync(kind);
        (ConnectionContext connection, Peer peer) = await transport.ConnectAsync();
        await transport.Listener.UnbindAsync().WithinLimit();
        await peer.SendAsync("still here"u8.ToArray());
        Assert.Equal(10, (await Content.ReadAsync(connection.Transport.Input, 10)).Length);
        await connection.Transport.Output.WriteAsync("so am I"u8.ToArray());
        await peer.ReceiveExactlyAsync(new byte[7]);
        await peer.DisposeAsync();
        await connection.DisposeAsync().WithinLimit();
    }

    [Theory]
    [MemberData(nameof(Kinds.Ip), MemberType = typeof(Kinds))]
    public async Task The_any_address_of_IPv6_takes_IPv4_too(TransportKind kind)
    {
        if (!Socket.OSSupportsIPv6)
        {
            return;
        }

        await using TestTransport transport = await TestTransport.StartAsync(kind);
        await using IConnectionListener listener = await transport.BindAsync(new IPEndPoint(IPAddress.IPv6Any, 0));
        int port = ((IPEndPoint)listener.EndPoint).Port;
        foreach (IPAddress address in new[] { IPAddress.Loopback, IPAddress.IPv6Loopback })
        {
            Peer peer = await transport.ConnectPeerAsync(endPoint: new IPEndPoint(address, port));
            ConnectionContext? connection = await listener.AcceptAsync().WithinLimit();
            Assert.NotNull(connection);
            await peer.DisposeAsync();
            await connection.DisposeAsync().WithinLimit();
        }
    }

    [Theory]
    [MemberData(nameof(Kinds.Real), MemberType = typeof(Kinds))]
    public async Task A_peer_that_is_gone_before_it_was_accepted_disturbs_nobody(TransportKind kind)
    {
        await using TestTransport transport = await TestTransport.StartAsync(kind);
        for (int i = 0; i < 5; i++)
        {
            await (await transport.ConnectPeerAsync()).ResetAsync();
        }

        Peer peer = await transport.ConnectPeerAsync();
        await peer.SendAsync("x"u8.ToArray());
        for (int i = 0; i < 6; i++)
        {
            ConnectionContext? connection = await transport.Listener.AcceptAsync().WithinLimit();
            Assert.NotNull(connection);
            byte[] received = [];
            try
            {
                received = (await connection.Transport.Input.ReadAsync().WithinLimit()).Buffer.FirstSpan.ToArray();
            }
            catch (Exception exception) when (exception is ConnectionResetException or IOException)
            {
            }

            if (received is [(byte)'x'])
            {
                await peer.DisposeAsync();
            }

            await connection.DisposeAsync().WithinLimit();
            if (received is [(byte)'x'])
            {
                return;
            }
        }

        Assert.Fail("The last peer was not accepted.");
    }

    [Theory]
    [InlineData(TransportKind.Sockets, FileHandleType.Auto)]
    [InlineData(TransportKind.Sockets, FileHandleType.Tcp)]
    [InlineData(TransportKind.Tcp, FileHandleType.Auto)]
    [InlineData(TransportKind.Tcp, FileHandleType.Tcp)]
    public async Task A_descriptor_opened_by_somebody_else_is_listened_on(TransportKind kind, FileHandleType type)
    {
        await using TestTransport transport = await TestTransport.StartAsync(kind);
        var opened = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        opened.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        opened.Listen();
        EndPoint address = opened.LocalEndPoint!;
        ulong handle = (ulong)opened.SafeHandle.DangerousGetHandle();
        opened.SafeHandle.SetHandleAsInvalid();
        await using IConnectionListener listener = await transport.BindAsync(new FileHandleEndPoint(handle, type));
        Assert.Equal(address, listener.EndPoint);
        Peer peer = await transport.ConnectPeerAsync(endPoint: address);
        ConnectionContext? connection = await listener.AcceptAsync().WithinLimit();
        Assert.NotNull(connection);
        Task echo = Content.EchoAsync(connection);
        await peer.SendAsync("through a handle"u8.ToArray());
        await peer.ReceiveExactlyAsync(new byte[16]);
        await peer.ShutdownAsync();
        await echo.WithinLimit();
        await peer.DisposeAsync();
        await connection.DisposeAsync().WithinLimit();
    }

    [Fact]
    public async Task A_descriptor_of_a_pipe_is_refused_in_a_sentence()
    {
        // Not a rule of the oracle, which takes every descriptor for a socket.
        await using TestTransport transport = await TestTransport.StartAsync(TransportKind.Tcp);
        NotSupportedException error = await Assert.ThrowsAsync<NotSupportedException>(() => transport.BindAsync(new FileHandleEndPoint(0, FileHandleType.Pipe)));
        Assert.Contains("is not an IP end point, a Unix domain socket or the descriptor of such", error.Message, StringComparison.Ordinal);
    }
}
