using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Nvmf.Hosting;
using Nvmf.Hosting.Relay;
using Nvmf.Transport.Tcp.Relay;
using RelayHost.CommandLine;
using RelayHost.Control;

namespace RelayHost;

/// <summary>Makes the host of the relay.</summary>
internal static class RelayHostBuilder
{
    public static IHost Build(RelayHostOptions options) => ProgramHost.Build(
        options,
        builder => AddRelay(builder, options),
        app => new ControlEndPoints(app.Services.GetRequiredService<INvmeRelayControl>()).Map(app));

    private static void AddRelay(IHostApplicationBuilder builder, RelayHostOptions options)
    {
        builder.Services.AddNvmeTransport(transport =>
        {
            transport.Loops = options.Loops;
            string[] upstreams = [.. options.Upstreams.Select(u => u.ToString())];
            foreach (var address in options.Listen)
            {
                transport.Relay(address.ToString(), upstreams);
            }
        });
        builder.Services.Configure<RelayOptions>(relay =>
        {
            relay.PipeSize = ByteSize.TryParse(options.PipeSize, out long size, out _) ? (int)Math.Min(size, int.MaxValue) : relay.PipeSize;
            relay.UseSplice = options.Splice;
            relay.ConnectTimeout = options.ConnectTimeout;
            relay.IdleTimeout = options.IdleTimeout;
        });
    }
}
