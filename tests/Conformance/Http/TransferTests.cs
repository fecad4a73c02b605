using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Nvmf.Conformance.Tests.Transports;

namespace Nvmf.Conformance.Tests.Http;

public class TransferTests
{
    private static readonly byte[] Large = Content.Bytes(3 << 20);

    [Theory]
    [MemberData(nameof(Kinds.Real), MemberType = typeof(Kinds))]
    public Task Http1_uploads_and_downloads(TransportKind kind) => TransferAsync(kind, HttpProtocols.Http1, tls: false);

    [Theory]
    [MemberData(nameof(Kinds.Real), MemberType = typeof(Kinds))]
    public Task Http2_uploads_and_downloads(TransportKind kind) => TransferAsync(kind, HttpProtocols.Http2, tls: false);

    [Theory]
    [MemberData(nameof(Kinds.Ip), MemberType = typeof(Kinds))]
    public Task Http1_over_tls_uploads_and_downloads(TransportKind kind) => TransferAsync(kind, HttpProtocols.Http1, tls: true);

    [Theory]
    [MemberData(nameof(Kinds.Ip), MemberType = typeof(Kinds))]
    public Task Http2_over_tls_uploads_and_downloads(TransportKind kind) => TransferAsync(kind, HttpProtocols.Http2, tls: true);

    [Theory]
    [MemberData(nameof(Kinds.Real), MemberType = typeof(Kinds))]
    public async Task Requests_sent_at_once_are_answered_in_order(TransportKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind, context => context.Response.WriteAsync(context.Request.Path.Value!));
        using Socket socket = await server.ConnectAsync();
        const int Requests = 200;
        var text = new StringBuilder();
        for (int i = 0; i < Requests; i++)
        {
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"GET /request-{i:000} HTTP/1.1\r\nHost: localhost\r\n{(i + 1 == Requests ? "Connection: close\r\n" : "")}\r\n");
        }

        await socket.SendAsync(Encoding.ASCII.GetBytes(text.ToString()));
        await using var stream = new NetworkStream(socket);
        using var reader = new StreamReader(stream, Encoding.ASCII);
        string answers = await reader.ReadToEndAsync().WithinLimit();
        int position = 0;
        for (int i = 0; i < Requests; i++)
        {
            position = answers.IndexOf($"/request-{i:000}", position, StringComparison.Ordinal);
            Assert.True(position >= 0, $"No answer to request {i}.");
        }
    }

    [Theory]
    [MemberData(nameof(Kinds.Real), MemberType = typeof(Kinds))]
    public async Task A_slow_client_gets_everything_also_when_the_server_closes_first(TransportKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind, async context =>
        {
            context.Response.Headers.Connection = "close";
            context.Response.ContentLength = Large.Length;
            await context.Response.Body.WriteAsync(Large);
        });
        using HttpClient client = server.NewClient(receiveBuffer: 16 << 10);
        using HttpResponseMessage response = await client.GetAsync(new Uri("/", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        await using Stream body = await response.Content.ReadAsStreamAsync();
        byte[] received = new byte[Large.Length];
        int length = 0;
        int part;
        while ((part = await body.ReadAsync(received.AsMemory(length)).WithinLimit()) > 0)
        {
            length += part;

            // Slow where the server has closed already. How slow decides nothing.
            if (length > Large.Length - (200 << 10))
            {
                await Task.Delay(5);
            }
        }

        Assert.Equal(Large.Length, length);
        Content.AssertSame(Large, received);
    }

    [Theory]
    [MemberData(nameof(Kinds.Real), MemberType = typeof(Kinds))]
    public async Task Nobody_gets_anybody_elses_bytes_with_256_connections(TransportKind kind)
    {
        const int Connections = 256;
        await using TestServer server = await TestServer.StartAsync(kind, async context =>
        {
            int seed = int.Parse(context.Request.Path.Value.AsSpan(1), System.Globalization.CultureInfo.InvariantCulture);
            using var uploaded = new MemoryStream();
            await context.Request.Body.CopyToAsync(uploaded);
            Content.AssertSame(Content.Bytes(10_000, seed), uploaded.ToArray());
            await context.Response.Body.WriteAsync(Content.Bytes(30_000, ~seed));
        });
        using HttpClient client = server.NewClient();
        for (int round = 0; round < 2; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, Connections).Select(async seed =>
            {
                using var upload = new ByteArrayContent(Content.Bytes(10_000, seed));
                using HttpResponseMessage response = await client.PostAsync(new Uri($"/{seed}", UriKind.Relative), upload);
                Content.AssertSame(Content.Bytes(30_000, ~seed), await response.Content.ReadAsByteArrayAsync());
            })).WithinLimit();
        }
    }

    private static async Task TransferAsync(TransportKind kind, HttpProtocols protocols, bool tls)
    {
        await using TestServer server = await TestServer.StartAsync(
            kind,
            async context =>
            {
                using var uploaded = new MemoryStream();
                await context.Request.Body.CopyToAsync(uploaded);
                await context.Response.Body.WriteAsync(uploaded.GetBuffer().AsMemory(0, (int)uploaded.Length));
            },
            protocols,
            tls);
        using HttpClient client = server.NewClient(protocols == HttpProtocols.Http2 ? HttpVersion.Version20 : HttpVersion.Version11);
        Assert.Empty(await client.GetByteArrayAsync(new Uri("/", UriKind.Relative)));
        await Task.WhenAll(Enumerable.Range(0, 3).Select(async i =>
        {
            byte[] content = Content.Bytes(1_000_000 + i, seed: i);
            using HttpContent upload = i == 0 ? new ByteArrayContent(content) : new StreamContent(new MemoryStream(content));
            if (i == 1)
            {
                upload.Headers.ContentLength = null;
            }

            using var request = new HttpRequestMessage(HttpMethod.Post, "/") { Content = upload, Version = client.DefaultRequestVersion, VersionPolicy = client.DefaultVersionPolicy };
            if (i == 1 && protocols == HttpProtocols.Http1)
            {
                request.Headers.TransferEncodingChunked = true;
            }

            using HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            Content.AssertSame(content, await response.Content.ReadAsByteArrayAsync());
        })).WithinLimit();
    }
}
