using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Nvmf.Abstractions.Connections;

namespace Nvmf.Conformance.Tests.Http;

/// <summary>Which transport gets which end point.</summary>
public class SelectionTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Only_end_points_that_asked_leave_sockets(bool transportFirst)
    {
        IHost host = new HostBuilder().ConfigureWebHost(web =>
        {
            void Transport() => web.UseNvmeTransport();
            void Kestrel() => web.UseKestrel(kestrel =>
            {
                kestrel.Listen(IPAddress.Loopback, 0, Mark);
                kestrel.Listen(IPAddress.Loopback, 0, l => Mark(l.UseTcpTransport()));
                kestrel.Listen(IPAddress.Loopback, 0, Mark);
            });
            Action[] calls = transportFirst ? [Transport, Kestrel] : [Kestrel, Transport];
            Array.ForEach(calls, call => call());
            web.Configure(app => app.Run(Answer));
        }).Build();
        await AssertServedAsync(host, ["sockets", "ours", "sockets"]);
    }

    [Fact]
    public async Task Localhost_goes_the_same_way_for_all_its_addresses()
    {
        WebApplicationBuilder builder = NewBuilder();
        int port = FreePort();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenLocalhost(port, l => Mark(l.UseTcpTransport())));
        WebApplication app = builder.Build();
        app.Run(Answer);
        await app.StartAsync().WithinLimit();
        using var client = new HttpClient();
        Assert.Equal("ours", await client.GetStringAsync(new Uri($"http://127.0.0.1:{port}")).WithinLimit());
        if (Socket.OSSupportsIPv6)
        {
            Assert.Equal("ours", await client.GetStringAsync(new Uri($"http://[::1]:{port}")).WithinLimit());
        }

        await app.StopAsync().WithinLimit();
        await app.DisposeAsync();
    }

    [Fact]
    public async Task An_end_point_of_the_configuration_can_ask_in_code()
    {
        WebApplicationBuilder builder = NewBuilder();
        builder.Configuration.AddInMemoryCollection([new("Kestrel:Endpoints:Web:Url", "http://127.0.0.1:0")]);
        builder.WebHost.ConfigureKestrel((context, kestrel) =>
            kestrel.Configure(context.Configuration.GetSection("Kestrel")).Endpoint("Web", endPoint => Mark(endPoint.ListenOptions.UseTcpTransport())));
        WebApplication app = builder.Build();
        app.Run(Answer);
        await AssertServedAsync(app, ["ours"]);
    }

    [Fact]
    public async Task Own_protocols_run_on_it_too()
    {
        WebApplicationBuilder builder = NewBuilder();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, l => l.UseTcpTransport().UseConnectionHandler<Echo>()));
        WebApplication app = builder.Build();
        await app.StartAsync().WithinLimit();
        var address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, address.Port).WithinLimit();
        await socket.SendAsync(new byte[100]);
        socket.Shutdown(SocketShutdown.Send);
        int received = 0;
        int part;
        while ((part = await socket.ReceiveAsync(new byte[100]).WithinLimit()) > 0)
        {
            received += part;
        }

        Assert.Equal(100, received);
        await app.StopAsync().WithinLimit();
        await app.DisposeAsync();
    }

    [Fact]
    public async Task A_port_that_is_taken_fails_the_start_as_with_sockets()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        taken.Listen();
        WebApplicationBuilder builder = NewBuilder();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen((IPEndPoint)taken.LocalEndPoint!, l => l.UseTcpTransport()));
        await using WebApplication app = builder.Build();
        IOException error = await Assert.ThrowsAsync<IOException>(() => app.StartAsync().WithinLimit());
        Assert.IsType<AddressInUseException>(error.InnerException);
    }

    [Fact]
    public void An_end_point_needs_the_transport()
    {
        using IHost host = new HostBuilder().ConfigureWebHost(web => web
            .UseKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, l => l.UseTcpTransport()))
            .Configure(_ => { })).Build();
        var error = Assert.Throws<InvalidOperationException>(host.Start);
        Assert.Equal("UseTcpTransport() needs the transport: call UseNvmeTransport() on the web host first.", error.Message);
    }

    private static WebApplicationBuilder NewBuilder()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseNvmeTransport();
        return builder;
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    /// <summary>Remembers which transport a connection came by.</summary>
    private static void Mark(ListenOptions endPoint) => ((IConnectionBuilder)endPoint).Use(next => connection =>
    {
        connection.Items["transport"] = connection.Features.Get<IOwnedMemoryConnectionFeature>() is null ? "sockets" : "ours";
        return next(connection);
    });

    private static Task Answer(HttpContext context) =>
        context.Response.WriteAsync((string)context.Features.Get<Microsoft.AspNetCore.Connections.Features.IConnectionItemsFeature>()!.Items["transport"]!);

    private static async Task AssertServedAsync(IHost host, string[] expected)
    {
        await host.StartAsync().WithinLimit();
        using var client = new HttpClient();
        var answers = new List<string>();
        foreach (string address in host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses)
        {
            answers.Add(await client.GetStringAsync(new Uri(address)).WithinLimit());
        }

        Assert.Equal(expected, answers);
        await host.StopAsync().WithinLimit();
        if (host is IAsyncDisposable disposable)
        {
            await disposable.DisposeAsync();
        }
    }

    private sealed class Echo : ConnectionHandler
    {
        public override Task OnConnectedAsync(ConnectionContext connection) => Content.EchoAsync(connection);
    }
}
