using System.Net.Sockets;
using System.Text;
using Nvmf.Conformance.Tests.Transports;

namespace Nvmf.Conformance.Tests.Http;

public class ShutdownTests
{
    [Theory]
    [MemberData(nameof(Kinds.Real), MemberType = typeof(Kinds))]
    public async Task A_graceful_stop_lets_requests_finish_and_closes_idle_connections(TransportKind kind)
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var proceed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        byte[] content = Content.Bytes(500_000);
        await using TestServer server = await TestServer.StartAsync(kind, async context =>
        {
            arrived.TrySetResult();
            await proceed.Task;
            await context.Response.Body.WriteAsync(content);
        });
        using Socket idle = await server.ConnectAsync();
        using HttpClient client = server.NewClient();
        Task<byte[]> request = client.GetByteArrayAsync(new Uri("/", UriKind.Relative));
        await arrived.Task.WithinLimit();
        Task stopping = server.StopAsync();
        Assert.Equal(0, await idle.ReceiveAsync(new byte[1]).WithinLimit());
        Assert.False(stopping.IsCompleted);
        proceed.SetResult();
        Content.AssertSame(content, await request.WithinLimit());
        await stopping;
        await Assert.ThrowsAnyAsync<SocketException>(() => server.ConnectAsync());
    }

    [Theory]
    [MemberData(nameof(Kinds.Real), MemberType = typeof(Kinds))]
    public async Task A_forced_stop_ends_requests_that_do_not_finish(TransportKind kind)
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestServer server = await TestServer.StartAsync(
            kind,
            async context =>
            {
                await context.Response.Body.WriteAsync(new byte[10]);
                arrived.TrySetResult();
                await Task.Delay(Timeout.Infinite, context.RequestAborted);
            },
            shutdown: TimeSpan.FromMilliseconds(100));
        using Socket socket = await server.ConnectAsync();
        await socket.SendAsync(Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        await arrived.Task.WithinLimit();
        await server.StopAsync();
        await AssertEndsAsync(socket);
    }

    [Theory]
    [MemberData(nameof(Kinds.Real), MemberType = typeof(Kinds))]
    public async Task A_forced_stop_ends_clients_that_do_not_read(TransportKind kind)
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestServer server = await TestServer.StartAsync(
            kind,
            async context =>
            {
                arrived.TrySetResult();
                await context.Response.Body.WriteAsync(new byte[32 << 20]);
            },
            shutdown: TimeSpan.FromMilliseconds(100));
        using Socket socket = await server.ConnectAsync(receiveBuffer: 8192);
        await socket.SendAsync(Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        await arrived.Task.WithinLimit();
        await server.StopAsync();
        await AssertEndsAsync(socket);
    }

    private static async Task AssertEndsAsync(Socket socket)
    {
        try
        {
            byte[] buffer = new byte[64 << 10];
            while (await socket.ReceiveAsync(buffer).WithinLimit() > 0)
            {
            }
        }
        catch (SocketException)
        {
        }
    }
}
