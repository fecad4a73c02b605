using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Nvmf.Transport.Tcp;

namespace Nvmf.Bench.Http;

/// <summary>The measured server: says its port, serves until its standard input ends.</summary>
internal static class WebServer
{
    private static readonly byte[] Greeting = "Hello, World!"u8.ToArray();
    private static readonly byte[] Page = new byte[256 << 10];

    public static async Task<int> RunAsync(TransportKind kind, HttpProtocols protocols, int core)
    {
        if (core >= 0)
        {
            Affinity.Pin(core);
        }

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseNvmeTransport();
        builder.Services.Configure<SocketTransportOptions>(options => options.UnsafePreferInlineScheduling = kind == TransportKind.SocketsInline);
        builder.Services.Configure<TcpTransportOptions>(
            ListenOptionsTcpTransportExtensions.TcpTransportOptionsName, options => options.UnsafePreferInlineScheduling = kind == TransportKind.TcpInline);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, endPoint =>
        {
            endPoint.Protocols = protocols;
            if (kind is TransportKind.Tcp or TransportKind.TcpInline)
            {
                endPoint.UseTcpTransport();
            }
        }));
        await using var app = builder.Build();
        app.Run(context =>
        {
            var body = context.Request.Path.Value == "/page" ? Page : Greeting;
            context.Response.ContentType = "text/plain";
            context.Response.ContentLength = body.Length;
            return context.Response.Body.WriteAsync(body).AsTask();
        });
        await app.StartAsync();
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        Console.WriteLine(new Uri(address).Port);
        while (await Console.In.ReadLineAsync() is not null)
        {
        }

        await app.StopAsync();
        return 0;
    }
}
