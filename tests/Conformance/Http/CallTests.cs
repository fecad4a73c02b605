using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Nvmf.Conformance.Tests.Transports;

namespace Nvmf.Conformance.Tests.Http;

/// <summary>What gRPC needs of HTTP/2: messages both ways while both streams are open, the status in trailers, cancellation. Its packages are not needed to see that.</summary>
public class CallTests
{
    [Theory]
    [MemberData(nameof(Kinds.Real), MemberType = typeof(Kinds))]
    public Task Messages_of_many_calls_go_both_ways_on_one_connection(TransportKind kind) => CallAsync(kind, tls: false);

    [Theory]
    [MemberData(nameof(Kinds.Ip), MemberType = typeof(Kinds))]
    public Task Messages_of_many_calls_go_both_ways_over_tls(TransportKind kind) => CallAsync(kind, tls: true);

    [Theory]
    [MemberData(nameof(Kinds.Real), MemberType = typeof(Kinds))]
    public async Task A_call_without_an_answer_has_its_status_in_the_trailers(TransportKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(
            kind,
            async context =>
            {
                await context.Request.Body.CopyToAsync(Stream.Null);
                context.Response.AppendTrailer("grpc-status", "5");
            },
            HttpProtocols.Http2);
        using HttpClient client = server.NewClient(HttpVersion.Version20);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/") { Version = HttpVersion.Version20, VersionPolicy = client.DefaultVersionPolicy, Content = new ByteArrayContent(new byte[100]) };
        using HttpResponseMessage response = await client.SendAsync(request);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync());
        Assert.Equal("5", response.TrailingHeaders.GetValues("grpc-status").Single());
    }

    [Theory]
    [MemberData(nameof(Kinds.Real), MemberType = typeof(Kinds))]
    public async Task A_call_that_is_canceled_while_it_waits_for_messages_is_noticed(TransportKind kind)
    {
        var noticed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestServer server = await TestServer.StartAsync(
            kind,
            async context =>
            {
                context.RequestAborted.Register(() => noticed.TrySetResult());
                await EchoMessagesAsync(context);
            },
            HttpProtocols.Http2);
        using HttpClient client = server.NewClient(HttpVersion.Version20);
        await using (Call call = await Call.StartAsync(client))
        {
            byte[] message = Content.Bytes(10);
            await call.WriteAsync(message);
            Content.AssertSame(message, (await ReadMessageAsync(call.Answers))!);
        }

        await noticed.Task.WithinLimit();
    }

    private static async Task CallAsync(TransportKind kind, bool tls)
    {
        const int Calls = 20;
        await using TestServer server = await TestServer.StartAsync(kind, EchoMessagesAsync, HttpProtocols.Http2, tls);
        using HttpClient client = server.NewClient(HttpVersion.Version20);
        await Task.WhenAll(Enumerable.Range(1, Calls).Select(async seed =>
        {
            await using Call call = await Call.StartAsync(client);
            for (int i = 1; i <= 25; i++)
            {
                // Each answer before the next message: nothing may wait in a buffer for more to come.
                byte[] message = Content.Bytes(i % 5 == 0 ? 20_000 : 40, seed * i);
                await call.WriteAsync(message);
                Content.AssertSame(message, (await ReadMessageAsync(call.Answers))!);
            }

            call.CompleteWriting();
            Assert.Null(await ReadMessageAsync(call.Answers));
            Assert.Equal("25", call.Response.TrailingHeaders.GetValues("grpc-status").Single());
        })).WithinLimit();
    }

    private static async Task EchoMessagesAsync(HttpContext context)
    {
        await context.Response.Body.FlushAsync();
        int count = 0;
        while (await ReadMessageAsync(context.Request.Body) is { } message)
        {
            count++;
            await WriteMessageAsync(context.Response.Body, message);
        }

        context.Response.AppendTrailer("grpc-status", count.ToString(CultureInfo.InvariantCulture));
    }

    private static async Task WriteMessageAsync(Stream stream, byte[] message)
    {
        byte[] header = new byte[5];
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(1), message.Length);
        await stream.WriteAsync(header);
        await stream.WriteAsync(message);
        await stream.FlushAsync();
    }

    private static async Task<byte[]?> ReadMessageAsync(Stream stream)
    {
        byte[] header = new byte[5];
        int length = await stream.ReadAtLeastAsync(header, header.Length, throwOnEndOfStream: false);
        if (length == 0)
        {
            return null;
        }

        Assert.Equal(header.Length, length);
        byte[] message = new byte[BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(1))];
        await stream.ReadExactlyAsync(message);
        return message;
    }

    /// <summary>The client's side. Disposing without <see cref="CompleteWriting"/> cancels.</summary>
    private sealed class Call(CallContent content, HttpResponseMessage response, Stream requests, Stream answers) : IAsyncDisposable
    {
        public HttpResponseMessage Response => response;

        public Stream Answers => answers;

        public static async Task<Call> StartAsync(HttpClient client)
        {
            var content = new CallContent();
            var request = new HttpRequestMessage(HttpMethod.Post, "/") { Version = HttpVersion.Version20, VersionPolicy = client.DefaultVersionPolicy, Content = content };
            HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).WithinLimit();
            return new Call(content, response, await content.Started.WithinLimit(), await response.Content.ReadAsStreamAsync());
        }

        public Task WriteAsync(byte[] message) => WriteMessageAsync(requests, message);

        public void CompleteWriting() => content.Complete();

        public async ValueTask DisposeAsync()
        {
            await answers.DisposeAsync();
            response.Dispose();
            content.Complete();
        }
    }

    /// <summary>A request body that is written while the answer is read.</summary>
    private sealed class CallContent : HttpContent
    {
        private readonly TaskCompletionSource<Stream> _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _completed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<Stream> Started => _started.Task;

        public void Complete() => _completed.TrySetResult();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.FlushAsync();
            _started.TrySetResult(stream);
            await _completed.Task;
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
