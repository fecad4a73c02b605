using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Nvmf.Bench.Http;

/// <param name="Name">Row of the table.</param>
/// <param name="Protocols">HTTP/1.1 is measured with wrk, HTTP/2 (without TLS) with h2load.</param>
/// <param name="Connections">Connections, all busy.</param>
/// <param name="Streams">Requests under way per connection.</param>
/// <param name="Path">/ is 13 bytes of text, /page is 256 KiB.</param>
internal sealed record HttpCase(string Name, HttpProtocols Protocols, int Connections, int Streams, string Path)
{
    public static IReadOnlyList<HttpCase> All { get; } =
    [
        new("plaintext, HTTP/1.1, 64 connections", HttpProtocols.Http1, 64, 1, "/"),
        new("plaintext, HTTP/1.1, 128 connections", HttpProtocols.Http1, 128, 1, "/"),
        new("plaintext, HTTP/1.1, 256 connections", HttpProtocols.Http1, 256, 1, "/"),
        new("plaintext, HTTP/2, 64 connections", HttpProtocols.Http2, 64, 1, "/"),
        new("plaintext, HTTP/2, 64 connections, 10 streams", HttpProtocols.Http2, 64, 10, "/"),
        new("plaintext, HTTP/2, 256 connections", HttpProtocols.Http2, 256, 1, "/"),
        new("256 KiB, HTTP/1.1, 64 connections", HttpProtocols.Http1, 64, 1, "/page"),
    ];
}
