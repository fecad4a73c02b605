using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Nvmf.Transport.Tcp;

namespace Nvmf.Hosting.Tests;

/// <summary>Kestrel makes end points anew when its configuration changes.</summary>
public class KestrelReloadTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_end_point_that_comes_back_by_a_reload_has_one_entry_in_the_discovery_log(bool overEventLoops)
    {
        int port = GenericHostTests.FreePort();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        if (overEventLoops)
        {
            builder.WebHost.UseNvmeTransport(KestrelTests.ConfigureTarget);
        }
        else
        {
            builder.Services.AddNvmeTransport(KestrelTests.ConfigureTarget);
        }

        builder.Configuration["Kestrel:Endpoints:Http:Url"] = "http://127.0.0.1:0";
        IConfigurationBuilder sources = builder.Configuration;
        MemoryConfigurationSource NewSource() => new() { InitialData = [new("Kestrel:Endpoints:Nvme:Url", $"http://127.0.0.1:{port}")] };
        MemoryConfigurationSource source = NewSource();
        sources.Add(source);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel
            .Configure(builder.Configuration.GetSection("Kestrel"), reloadOnChange: true)
            .Endpoint("Nvme", options => options.ListenOptions.UseNvmeTarget()));
        WebApplication app = builder.Build();
        await using TestTarget target = await TestTarget.StartAsync(app);
        await using var initiator = new TestInitiator();
        int Entries() => initiator.DiscoverAsync(target.Address).GetAwaiter().GetResult().Entries
            .Count(e => e.SubsystemNqn.ToString() == TestTarget.Nqn && e.TransportServiceId.ToString() == $"{port}");
        bool Accepts()
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Connect(IPAddress.Loopback, port);
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
        }

        Assert.Equal(1, Entries());
        for (int round = 0; round < 2; round++)
        {
            Assert.True(sources.Sources.Remove(source));
            await Wait.UntilAsync(() => !Accepts(), "the end point is unbound");

            // Kestrel's own sockets tell nobody that they are closed.
            Assert.Equal(overEventLoops && TcpTransportFactory.IsSupported ? 0 : 1, Entries());
            source = NewSource();
            sources.Add(source);
            await Wait.UntilAsync(Accepts, "the end point is bound again");
            Assert.Equal(1, Entries());
            await initiator.ConnectAsync($"tcp://127.0.0.1:{port}", TestTarget.Nqn);
        }
    }
}
