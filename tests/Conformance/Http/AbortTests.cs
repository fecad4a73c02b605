using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Nvmf.Conformance.Tests.Transports;

namespace Nvmf.Conformance.Tests.Http;

public class AbortTests
{
    [Theory]
    [MemberData(nameof(Kinds.Real), MemberType = typeof(Kinds))]
    public async Task A_client_that_leaves_in_the_middle_of_a_download_is_noticed(TransportKind kind)
    {
        var aborted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestServer server = await TestServer.StartAsync(kind, async context =>
        {
            context.RequestAborted.Register(aborted.SetResult);
            byte[] bytes = new byte[100_000];
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.Body.WriteAsync(bytes);
            }
        });
        using Socket socket = await server.ConnectAsync();
        await socket.SendAsync(Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        for (int received = 0; received < 1_000_000;)
        {
            received += await socket.ReceiveAsync(new byte[100_000]).WithinLimit();
        }

        socket.Close();
        await aborted.Task.WithinLimit();
    }

    [Theory]
    [MemberData(nameof(Kinds.Ip), MemberType = typeof(Kinds))]
    public async Task A_client_that_resets_in_the_middle_of_an_upload_is_noticed(TransportKind kind)
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var failed = new TaskCompletionSource<Exception>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestServer server = await TestServer.StartAsync(kind, async context =>
        {
            try
            {
                arrived.SetResult();
                await context.Request.Body.CopyToAsync(Stream.Null);
            }
            catch (Exception exception)
            {
                failed.SetResult(exception);
                throw;
            }
        });
        using Socket socket = await server.ConnectAsync();
        await socket.SendAsync(Encoding.ASCII.GetBytes("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10000000\r\n\r\nbeginning"));
        await arrived.Task.WithinLimit();
        socket.LingerState = new LingerOption(true, 0);
        socket.Close();

        // The oracle: ConnectionResetException, or BadHttpRequestException, an IOException too.
        Exception error = await failed.Task.WithinLimit();
        Assert.True(error is IOException or OperationCanceledException, error.ToString());
    }

    [Theory]
    [MemberData(nameof(Kinds.Real), MemberType = typeof(Kinds))]
    public async Task A_server_that_aborts_in_the_middle_of_a_download_ends_it(TransportKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind, async context =>
        {
            context.Response.ContentLength = 10_000_000;
            await context.Response.Body.WriteAsync(new byte[1_000_000]);
            context.Abort();
        });
        using HttpClient client = server.NewClient();
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => client.GetByteArrayAsync(new Uri("/", UriKind.Relative)));
    }

    [Theory]
    [MemberData(nameof(Kinds.Real), MemberType = typeof(Kinds))]
    public async Task A_canceled_stream_leaves_the_others_of_its_connection_alone(TransportKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(
            kind,
            async context =>
            {
                if (context.Request.Path == "/endless")
                {
                    while (!context.RequestAborted.IsCancellationRequested)
                    {
                        await context.Response.Body.WriteAsync(new byte[10_000]);
                    }
                }

                await context.Response.WriteAsync("fine");
            },
            HttpProtocols.Http2);
        using HttpClient client = server.NewClient(HttpVersion.Version20);
        for (int i = 0; i < 5; i++)
        {
            using (HttpResponseMessage endless = await client.GetAsync(new Uri("/endless", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead))
            {
                await using Stream body = await endless.Content.ReadAsStreamAsync();
                await body.ReadExactlyAsync(new byte[50_000]).WithinLimit();
            }

            Assert.Equal("fine", await client.GetStringAsync(new Uri("/", UriKind.Relative)));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds.Real), MemberType = typeof(Kinds))]
    public async Task A_bad_request_is_answered_and_the_connection_closed(TransportKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind, _ => Task.CompletedTask);
        using Socket socket = await server.ConnectAsync();
        await socket.SendAsync(Encoding.ASCII.GetBytes("NONSENSE\r\n\r\n"));
        await using var stream = new NetworkStream(socket);
        using var reader = new StreamReader(stream);
        Assert.StartsWith("HTTP/1.1 400", await reader.ReadToEndAsync().WithinLimit(), StringComparison.Ordinal);
    }
}
