using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Options;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Transport.Tcp;

namespace Nvmf.Hosting.Kestrel;

/// <summary>
/// What ordinary end points expect of a transport. How long a slow client may take is Kestrel's to say (data rates, shutdown time-out), so a connection
/// that is closed keeps sending until it has sent everything or is aborted.
/// </summary>
internal sealed class TcpTransportDefaults : IConfigureNamedOptions<TcpTransportOptions>
{
    public void Configure(string? name, TcpTransportOptions options)
    {
        if (name != ListenOptionsTcpTransportExtensions.TcpTransportOptionsName)
        {
            return;
        }

        options.LoopOptions.Name = "kestrel-tcp";
        options.LoopOptions.YieldWhenBusy = true;
        options.UserTimeout = TimeSpan.Zero;
        options.KeepAliveIdle = TimeSpan.Zero;
        options.DrainDeadlines = DrainDeadlines.Default with { Commands = Timeout.InfiniteTimeSpan, Transmissions = Timeout.InfiniteTimeSpan };
    }

    public void Configure(TcpTransportOptions options) => Configure(Options.DefaultName, options);
}
