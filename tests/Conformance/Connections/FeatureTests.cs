using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Nvmf.Conformance.Tests.Transports;

namespace Nvmf.Conformance.Tests.Connections;

public class FeatureTests
{
    [Theory]
    [MemberData(nameof(Kinds.Real), MemberType = typeof(Kinds))]
    public async Task Context_and_features_are_two_views_of_one_thing(TransportKind kind)
    {
        await using TestTransport transport = await TestTransport.StartAsync(kind);
        (ConnectionContext connection, Peer peer) = await transport.ConnectAsync();
        Assert.Same(connection.ConnectionId, connection.Features.GetRequiredFeature<IConnectionIdFeature>().ConnectionId);
        Assert.Same(connection.Transport, connection.Features.GetRequiredFeature<IConnectionTransportFeature>().Transport);
        Assert.Same(connection.Items, connection.Features.GetRequiredFeature<IConnectionItemsFeature>().Items);
        Assert.Equal(connection.ConnectionClosed, connection.Features.GetRequiredFeature<IConnectionLifetimeFeature>().ConnectionClosed);
        Assert.NotNull(connection.Features.GetRequiredFeature<IMemoryPoolFeature>().MemoryPool);
        connection.Items["key"] = this;
        Assert.Same(this, connection.Features.GetRequiredFeature<IConnectionItemsFeature>().Items["key"]);
        connection.ConnectionId = "renamed";
        Assert.Equal("renamed", connection.Features.GetRequiredFeature<IConnectionIdFeature>().ConnectionId);
        await peer.DisposeAsync();
        await connection.DisposeAsync().WithinLimit();
    }

    [Theory]
    [MemberData(nameof(Kinds.All), MemberType = typeof(Kinds))]
    public async Task Connections_have_names_of_their_own(TransportKind kind)
    {
        await using TestTransport transport = await TestTransport.StartAsync(kind);
        var names = new HashSet<string>();
        for (int i = 0; i < 4; i++)
        {
            (ConnectionContext connection, Peer peer) = await transport.ConnectAsync();
            Assert.True(names.Add(connection.ConnectionId));
            await peer.DisposeAsync();
            await connection.DisposeAsync().WithinLimit();
        }
    }

    [Theory]
    [MemberData(nameof(Kinds.Ip), MemberType = typeof(Kinds))]
    public async Task Both_addresses_are_those_of_the_socket(TransportKind kind)
    {
        await using TestTransport transport = await TestTransport.StartAsync(kind);
        (ConnectionContext connection, Peer peer) = await transport.ConnectAsync();
        Socket socket = ((SocketPeer)peer).Socket;
        Assert.Equal(socket.RemoteEndPoint, connection.LocalEndPoint);
        Assert.Equal(socket.LocalEndPoint, connection.RemoteEndPoint);
        await peer.DisposeAsync();
        await connection.DisposeAsync().WithinLimit();
    }

    [Theory]
    [InlineData(TransportKind.SocketsUnix)]
    [InlineData(TransportKind.TcpUnix)]
    public async Task Behind_a_unix_domain_socket_the_local_address_is_its_path(TransportKind kind)
    {
        await using TestTransport transport = await TestTransport.StartAsync(kind);
        (ConnectionContext connection, Peer peer) = await transport.ConnectAsync();
        Assert.Equal(transport.Listener.EndPoint.ToString(), connection.LocalEndPoint!.ToString());
        Assert.IsType<UnixDomainSocketEndPoint>(connection.RemoteEndPoint);
        await peer.DisposeAsync();
        await connection.DisposeAsync().WithinLimit();
    }

    [Theory]
    [MemberData(nameof(Kinds.Real), MemberType = typeof(Kinds))]
    public async Task The_socket_can_be_looked_at(TransportKind kind)
    {
        await using TestTransport transport = await TestTransport.StartAsync(kind);
        (ConnectionContext connection, Peer peer) = await transport.ConnectAsync();
        Socket socket = connection.Features.GetRequiredFeature<IConnectionSocketFeature>().Socket;
        Assert.Same(socket, connection.Features.GetRequiredFeature<IConnectionSocketFeature>().Socket);
        Assert.Equal(connection.LocalEndPoint!.ToString(), socket.LocalEndPoint!.ToString());
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        Task echo = Content.EchoAsync(connection);
        await peer.SendAsync("x"u8.ToArray());
        await peer.ReceiveExactlyAsync(new byte[1]);
        await peer.ShutdownAsync();
        await echo.WithinLimit();
        await connection.Transport.Output.CompleteAsync();
        Assert.Empty(await peer.ReceiveAllAsync());
        await peer.DisposeAsync();
        await connection.DisposeAsync().WithinLimit();
    }

    [Theory]
    [MemberData(nameof(Kinds.Real), MemberType = typeof(Kinds))]
    public async Task The_transport_can_be_replaced(TransportKind kind)
    {
        await using TestTransport transport = await TestTransport.StartAsync(kind);
        (ConnectionContext connection, Peer peer) = await transport.ConnectAsync();
        IDuplexPipe original = connection.Transport;
        var wrapped = new Wrapped(original.Input, original.Output);
        connection.Features.GetRequiredFeature<IConnectionTransportFeature>().Transport = wrapped;
        Assert.Same(wrapped, connection.Transport);
        await peer.DisposeAsync();
        await connection.DisposeAsync().WithinLimit();

        // The ends that the transport gave are completed, whatever stands in their place.
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await original.Input.ReadAsync());
    }

    [Theory]
    [MemberData(nameof(Kinds.Real), MemberType = typeof(Kinds))]
    public async Task The_memory_pool_gives_what_was_asked_for(TransportKind kind)
    {
        await using TestTransport transport = await TestTransport.StartAsync(kind);
        (ConnectionContext connection, Peer peer) = await transport.ConnectAsync();
        MemoryPool<byte> pool = connection.Features.GetRequiredFeature<IMemoryPoolFeature>().MemoryPool;
        foreach (int length in new[] { -1, 1, 4096, Math.Min(pool.MaxBufferSize, 1 << 20) })
        {
            using IMemoryOwner<byte> owner = pool.Rent(length);
            Assert.True(owner.Memory.Length >= length);
            owner.Memory.Span.Fill(0x5a);
        }

        if (pool.MaxBufferSize < int.MaxValue)
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => { using IMemoryOwner<byte> owner = pool.Rent(pool.MaxBufferSize + 1); });
        }

        await peer.DisposeAsync();
        await connection.DisposeAsync().WithinLimit();
    }

    private sealed record Wrapped(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
