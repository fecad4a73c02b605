using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Nvmf.Abstractions.Connections;
using Nvmf.Initiator;
using Nvmf.Transport.Tcp;

namespace Nvmf.Hosting.Tests;

public class KestrelTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Ordinary_end_points_live_beside_nvme_whatever_the_order(bool nvmeFirst)
    {
        IHost host = new HostBuilder().ConfigureWebHost(web =>
        {
            void Nvme() => web.UseNvmeTransport(ConfigureTarget);
            void Kestrel() => web.UseKestrel(k => k.Listen(IPAddress.Loopback, 0));
            Action[] calls = nvmeFirst ? [Nvme, Kestrel] : [Kestrel, Nvme];
            Array.ForEach(calls, call => call());
            web.Configure(app => app.Run(c => c.Response.WriteAsync("http")));
        }).Build();
        await using TestTarget target = await TestTarget.StartAsync(host);

        await AssertServesBothAsync(target, HttpAddress(host), target.Address);
    }

    [Fact]
    public async Task A_slim_web_application_serves_both()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
        builder.UseNvmeTransport(ConfigureTarget);
        WebApplication app = builder.Build();
        app.MapGet("/", c => c.Response.WriteAsync("http"));
        await using TestTarget target = await TestTarget.StartAsync(app);

        await AssertServesBothAsync(target, HttpAddress(app), target.Address);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_end_point_inside_kestrel_serves_the_target(bool overEventLoops)
    {
        var features = new List<bool>();
        int port = GenericHostTests.FreePort();
        IHost host = NewWebHost(overEventLoops, kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Listen(IPAddress.Loopback, port, l =>
            {
                ((IConnectionBuilder)l).Use(next => connection =>
                {
                    features.Add(connection.Features.Get<IOwnedMemoryConnectionFeature>() is not null);
                    return next(connection);
                });
                l.UseNvmeTarget();
            });
        });
        await using TestTarget target = await TestTarget.StartAsync(host);

        await AssertServesBothAsync(target, HttpAddress(host), FabricsAddress.Parse($"tcp://127.0.0.1:{port}"));

        // Without copying exactly where the connection is one of ours.
        Assert.NotEmpty(features);
        Assert.All(features, f => Assert.Equal(overEventLoops && TcpTransportFactory.IsSupported, f));
    }

    [Fact]
    public async Task An_end_point_inside_kestrel_with_port_0_goes_by_the_event_loops_and_its_http_twin_does_not()
    {
        var owned = new List<bool>();
        IHost host = NewWebHost(overEventLoops: true, kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, l => ((IConnectionBuilder)l).Use(next => connection =>
            {
                owned.Add(connection.Features.Get<IOwnedMemoryConnectionFeature>() is not null);
                return next(connection);
            }));
            kestrel.Listen(IPAddress.Loopback, 0, l => l.UseNvmeTarget());
        });
        await using TestTarget target = await TestTarget.StartAsync(host);
        string[] addresses = [.. host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses];

        await AssertServesBothAsync(target, addresses[0], FabricsAddress.Parse(addresses[1].Replace("http://", "tcp://", StringComparison.Ordinal)));
        Assert.Equal([false], owned.Distinct());
    }

    [Fact]
    public async Task Localhost_is_one_port_of_the_discovery_log_however_many_addresses_it_has()
    {
        int port = GenericHostTests.FreePort();
        IHost host = NewWebHost(overEventLoops: true, kestrel => kestrel.ListenLocalhost(port, l => l.UseNvmeTarget()));
        await using TestTarget target = await TestTarget.StartAsync(host);
        await using var initiator = new TestInitiator();

        NvmeDiscoveryLog log = await initiator.DiscoverAsync(FabricsAddress.Parse($"tcp://127.0.0.1:{port}"));

        Assert.Single(log.Entries, e => e.SubsystemNqn.ToString() == TestTarget.Nqn);
    }

    [Fact]
    public async Task An_end_point_behind_tls_serves_the_target()
    {
        using X509Certificate2 certificate = NewCertificate();
        int port = GenericHostTests.FreePort();
        IHost host = NewWebHost(overEventLoops: true, kestrel => kestrel.Listen(IPAddress.Loopback, port, l => l.UseHttps(certificate).UseNvmeTarget()));
        await using TestTarget target = await TestTarget.StartAsync(host);

        // ICReq over TLS is answered by ICResp: type 01h, 128 bytes.
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port).WaitAsync(Wait.Deadline);
        await using var tls = new SslStream(client.GetStream());
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            RemoteCertificateValidationCallback = (_, c, _, _) => c!.GetCertHashString() == certificate.GetCertHashString(),
        }).WaitAsync(Wait.Deadline);
        byte[] request = new byte[128];
        request[2] = 128;
        request[4] = 128;
        await tls.WriteAsync(request);
        byte[] response = new byte[128];
        await tls.ReadExactlyAsync(response).AsTask().WaitAsync(Wait.Deadline);
        Assert.Equal((1, 128), (response[0], response[4]));
    }

    [Fact]
    public void An_end_point_needs_a_target()
    {
        IHost host = new HostBuilder().ConfigureWebHost(web => web
            .UseKestrel(k => k.Listen(IPAddress.Loopback, 0, l => l.UseNvmeTarget()))
            .Configure(_ => { })).Build();
        using (host)
        {
            var error = Assert.Throws<InvalidOperationException>(host.Start);
            Assert.Equal("UseNvmeTarget() needs a target: call UseNvmeTransport() on the host first.", error.Message);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_stop_of_kestrel_drains_its_queue_pairs_and_reports_them(bool overEventLoops)
    {
        int port = GenericHostTests.FreePort();
        IHost host = NewWebHost(overEventLoops, kestrel => kestrel.Listen(IPAddress.Loopback, port, l => l.UseNvmeTarget()));
        await using var initiator = new TestInitiator();
        NvmeController controller;
        using var ends = new EndsByCause(host);
        await using (TestTarget target = await TestTarget.StartAsync(host))
        {
            controller = await initiator.ConnectAsync($"tcp://127.0.0.1:{port}", TestTarget.Nqn);
            NvmeNamespace disk = await controller.OpenNamespaceAsync(1);
            await disk.ReadAsync(0, new byte[64 << 10]).AsTask().WaitAsync(Wait.Deadline);
        }

        AssertDrained("ProcessStop", ends);
        await controller.Ended.WaitAsync(Wait.Deadline);
    }

    [Fact]
    public async Task An_end_point_taken_out_of_kestrels_configuration_drains_and_reports()
    {
        int port = GenericHostTests.FreePort();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseNvmeTransport(ConfigureTarget);
        builder.Configuration["Kestrel:Endpoints:Http:Url"] = "http://127.0.0.1:0";
        var endPoint = new MemoryConfigurationSource { InitialData = [new("Kestrel:Endpoints:Nvme:Url", $"http://127.0.0.1:{port}")] };
        IConfigurationBuilder sources = builder.Configuration;
        sources.Add(endPoint);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel
            .Configure(builder.Configuration.GetSection("Kestrel"), reloadOnChange: true)
            .Endpoint("Nvme", options => options.ListenOptions.UseNvmeTarget()));
        WebApplication app = builder.Build();
        using var ends = new EndsByCause(app);
        await using TestTarget target = await TestTarget.StartAsync(app);
        await using var initiator = new TestInitiator();
        NvmeController controller = await initiator.ConnectAsync($"tcp://127.0.0.1:{port}", TestTarget.Nqn);

        Assert.True(sources.Sources.Remove(endPoint));
        await Wait.UntilAsync(() => ends.Seen.Count == 2, "the queue pairs of the end point have ended");
        AssertDrained("ListenerRemoved", ends);
        await controller.Ended.WaitAsync(Wait.Deadline);

        // The others are as they were.
        await initiator.ConnectAsync(target.Address, TestTarget.Nqn);
    }

    /// <summary>One report each of the admin queue and an I/O queue. Kestrel closes them in any order, and where the admin queue goes first it takes the other along.</summary>
    private static void AssertDrained(string cause, EndsByCause ends)
    {
        Assert.Equal(2, ends.Seen.Count);
        Assert.Contains($"{cause} Draining", ends.Seen);
        Assert.Empty(ends.Seen.Except([$"{cause} Draining", "AssociationEnded Draining"]));
    }

    internal static void ConfigureTarget(NvmeTransportOptions options) => options
        .Listen("tcp://127.0.0.1:0")
        .AddSubsystem(TestTarget.Nqn, s => s.AddNamespace("mem:16MiB"))
        .Poison = true;

    private static IHost NewWebHost(bool overEventLoops, Action<KestrelServerOptions> kestrel) => new HostBuilder()
        .ConfigureServices(services => services.AddNvmeTransport(o => o.AddSubsystem(TestTarget.Nqn, s => s.AddNamespace("mem:16MiB")).Poison = true))
        .ConfigureWebHost(web =>
        {
            web.UseKestrel(kestrel).Configure(app => app.Run(c => c.Response.WriteAsync("http")));
            if (overEventLoops)
            {
                web.UseNvmeTransport();
            }
        }).Build();

    internal static string HttpAddress(IHost host) =>
        host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    private static async Task AssertServesBothAsync(TestTarget target, string http, FabricsAddress nvme)
    {
        using var client = new HttpClient { Timeout = Wait.Deadline };
        Assert.Equal("http", await client.GetStringAsync(new Uri(http)));
        await using var initiator = new TestInitiator();
        NvmeController controller = await initiator.ConnectAsync(nvme, TestTarget.Nqn);
        NvmeNamespace disk = await controller.OpenNamespaceAsync(1);
        byte[] written = RandomNumberGenerator.GetBytes(256 << 10);
        await disk.WriteAsync(0, written).AsTask().WaitAsync(Wait.Deadline);
        byte[] read = new byte[written.Length];
        await disk.ReadAsync(0, read).AsTask().WaitAsync(Wait.Deadline);
        Assert.Equal(written, read);
        Assert.Equal(2, target.Control.QueuePairs.Count);
        Assert.Equal("http", await client.GetStringAsync(new Uri(http)));
    }

    private static X509Certificate2 NewCertificate()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
    }
}
