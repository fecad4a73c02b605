using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Nvmf.Hosting.Relay;
using Nvmf.Transport.Tcp.Relay;

namespace Nvmf.Hosting.Tests.Relay;

/// <summary>Relays on end points inside Kestrel; the upstream is the same Kestrel's HTTP end point.</summary>
public class KestrelRelayTests
{
    private const int BodyLength = 3_000_000;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_end_point_relays(bool overEventLoops)
    {
        await using var host = await RelayingWebHost.StartAsync(overEventLoops, (l, upstream) => l.UseRelay(upstream));
        await host.GetBodyAsync("http");

        // Counted after the client may have read it.
        await Wait.UntilAsync(() => (overEventLoops ? host.Statistics.BytesSpliced : host.Statistics.BytesCopied) > BodyLength, "the body in the counters");
        Assert.True((overEventLoops ? host.Statistics.BytesCopied : host.Statistics.BytesSpliced) < BodyLength);
    }

    [Fact]
    public async Task An_end_point_relays_behind_tls()
    {
        using X509Certificate2 certificate = NewCertificate();
        await using var host = await RelayingWebHost.StartAsync(overEventLoops: true, (l, upstream) => l.UseHttps(certificate).UseRelay(upstream));
        await host.GetBodyAsync("https");
        await Wait.UntilAsync(() => host.Statistics.BytesCopied > BodyLength, "the body in the counters");
        Assert.Equal(0, host.Statistics.BytesSpliced);
    }

    /// <summary>Middleware looks at the request line, consumes nothing, and hands over.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_a_sniffer_received_goes_first(bool overEventLoops)
    {
        var seen = new List<string>();
        await using var host = await RelayingWebHost.StartAsync(overEventLoops, (l, upstream) =>
        {
            ((IConnectionBuilder)l).Use(next => async connection =>
            {
                var result = await connection.Transport.Input.ReadAtLeastAsync(3);
                seen.Add(System.Text.Encoding.ASCII.GetString(result.Buffer.Slice(0, 3).ToArray()));
                connection.Transport.Input.AdvanceTo(result.Buffer.Start);
                await next(connection);
            });
            l.UseRelay(upstream);
        });
        await host.GetBodyAsync("http");
        Assert.Equal(["GET"], seen);
        await Wait.UntilAsync(() => (overEventLoops ? host.Statistics.BytesSpliced : host.Statistics.BytesCopied) > BodyLength, "the body in the counters");
    }

    [Fact]
    public async Task The_stop_of_kestrel_ends_its_relays()
    {
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await using (var host = await RelayingWebHost.StartAsync(overEventLoops: true, (l, upstream) => l.UseRelay(upstream)))
        {
            await client.ConnectAsync(IPAddress.Loopback, host.Port);
            await Wait.UntilAsync(() => host.Statistics.Active == 1, "the relay");
        }

        Assert.Equal(0, await client.ReceiveAsync(new byte[1].AsMemory()).AsTask().WaitAsync(Wait.Deadline));
    }

    [Fact]
    public void A_relay_needs_the_transport()
    {
        using IHost host = new HostBuilder().ConfigureWebHost(web => web
            .UseKestrel(k => k.Listen(IPAddress.Loopback, 0, l => l.UseRelay("tcp://127.0.0.1:1")))
            .Configure(_ => { })).Build();
        Assert.Equal("UseRelay() needs UseNvmeTransport() on the host first.", Assert.Throws<InvalidOperationException>(host.Start).Message);
    }

    private static X509Certificate2 NewCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
    }

    private sealed class RelayingWebHost : IAsyncDisposable
    {
        private readonly byte[] _body = new byte[BodyLength];
        private IHost _host = null!;

        public int Port { get; } = GenericHostTests.FreePort();

        public RelayStatistics Statistics => _host.Services.GetRequiredService<INvmeRelayControl>().Statistics;

        public static async Task<RelayingWebHost> StartAsync(bool overEventLoops, Action<ListenOptions, string> configure)
        {
            var host = new RelayingWebHost();
            Random.Shared.NextBytes(host._body);
            int http = GenericHostTests.FreePort();
            host._host = new HostBuilder()
                .ConfigureServices(services => services.AddNvmeTransport(o => o.Poison = true))
                .ConfigureWebHost(web =>
                {
                    web.UseKestrel(kestrel =>
                    {
                        kestrel.Listen(IPAddress.Loopback, http);
                        kestrel.Listen(IPAddress.Loopback, host.Port, l => configure(l, $"tcp://127.0.0.1:{http}"));
                    }).Configure(app => app.Run(c => c.Response.Body.WriteAsync(host._body).AsTask()));
                    if (overEventLoops)
                    {
                        web.UseNvmeTransport();
                    }
                }).Build();
            await host._host.StartAsync().WaitAsync(Wait.Deadline);
            return host;
        }

        public async Task GetBodyAsync(string scheme)
        {
            using var handler = new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate!.Subject == "CN=localhost" } };
            using var client = new HttpClient(handler) { Timeout = Wait.Deadline };
            Assert.Equal(_body, await client.GetByteArrayAsync(new Uri($"{scheme}://127.0.0.1:{Port}/")));
        }

        public async ValueTask DisposeAsync()
        {
            await _host.StopAsync().WaitAsync(Wait.Deadline);
            Assert.Equal(0, Statistics.Active);
            _host.Dispose();
        }
    }
}
