using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Nvmf.Conformance.Tests.Transports;
using Nvmf.Testing;
using Nvmf.Transport.Tcp;

namespace Nvmf.Conformance.Tests.Http;

/// <summary>Kestrel over one transport. Disposing checks that ours has all its memory back.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private static readonly X509Certificate2 Certificate = NewCertificate();
    private readonly WebApplication _app;
    private readonly PoisonedPool _pool;
    private readonly string? _path;

    private TestServer(WebApplication app, PoisonedPool pool, string? path, bool tls)
    {
        _app = app;
        _pool = pool;
        _path = path;
        IsTls = tls;
    }

    public bool IsTls { get; }

    public Uri Address { get; private set; } = null!;

    public static async Task<TestServer> StartAsync(
        TransportKind kind, RequestDelegate handler, HttpProtocols protocols = HttpProtocols.Http1, bool tls = false, TimeSpan? shutdown = null)
    {
        var pool = new PoisonedPool(128 << 20);
        string? path = Kinds.IsUnix(kind) ? Path.Combine(Path.GetTempPath(), $"conformance-{Guid.NewGuid():N}.sock") : null;
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = shutdown ?? Within.Limit);
        builder.Services.Configure<TcpTransportOptions>(ListenOptionsTcpTransportExtensions.TcpTransportOptionsName, options =>
        {
            options.BufferPool = pool;
            options.PipeBufferPool = pool;
            options.UnsafePreferInlineScheduling = kind == TransportKind.TcpInline;
            options.ZeroCopy = kind == TransportKind.TcpZeroCopy ? ZeroCopyMode.Always : ZeroCopyMode.Auto;
        });
        builder.WebHost.UseNvmeTransport();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            void Configure(ListenOptions endPoint)
            {
                endPoint.Protocols = protocols;
                if (Kinds.IsOurs(kind))
                {
                    endPoint.UseTcpTransport();
                }

                if (tls)
                {
                    endPoint.UseHttps(Certificate);
                }
            }

            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Limits.MaxRequestBodySize = null;
            if (path is null)
            {
                kestrel.Listen(IPAddress.Loopback, 0, Configure);
            }
            else
            {
                kestrel.ListenUnixSocket(path, Configure);
            }
        });
        WebApplication app = builder.Build();
        app.Run(handler);
        var server = new TestServer(app, pool, path, tls);
        await app.StartAsync().WithinLimit();
        string address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        server.Address = path is null ? new Uri(address) : new Uri("http://localhost/");
        return server;
    }

    public HttpClient NewClient(Version? version = null, int receiveBuffer = 0)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) => new NetworkStream(await ConnectAsync(receiveBuffer, cancellationToken), ownsSocket: true),
            EnableMultipleHttp2Connections = false,
        };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate!.GetCertHashString() == Certificate.GetCertHashString();
        return new HttpClient(handler)
        {
            BaseAddress = Address,
            Timeout = Within.Limit,
            DefaultRequestVersion = version ?? HttpVersion.Version11,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
    }

    public async Task<Socket> ConnectAsync(int receiveBuffer = 0, CancellationToken cancellationToken = default)
    {
        Socket socket = _path is null
            ? new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true }
            : new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        if (receiveBuffer > 0)
        {
            socket.ReceiveBufferSize = receiveBuffer;
        }

        await socket.ConnectAsync(_path is null ? new IPEndPoint(IPAddress.Loopback, Address.Port) : new UnixDomainSocketEndPoint(_path), cancellationToken);
        return socket;
    }

    public Task StopAsync() => _app.StopAsync().WithinLimit();

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync().WithinLimit();
        await _app.DisposeAsync().WithinLimit();
        _pool.Dispose();
    }

    private static X509Certificate2 NewCertificate()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
    }
}
