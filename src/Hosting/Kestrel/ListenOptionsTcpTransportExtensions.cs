using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Nvmf.Hosting.Kestrel;
using Nvmf.Transport.Tcp;

namespace Microsoft.AspNetCore.Hosting;

/// <summary>The TCP transport of this library under ordinary end points of Kestrel.</summary>
public static class ListenOptionsTcpTransportExtensions
{
    /// <summary>Name of the <see cref="TcpTransportOptions"/> of such end points.</summary>
    public const string TcpTransportOptionsName = "Kestrel";

    /// <summary>
    /// Serves this end point (HTTP or whatever it speaks) by the event loops of <see cref="TcpTransportFactory"/> instead of Kestrel's Sockets transport: IP end
    /// points, Unix domain sockets and file handles. Where <see cref="TcpTransportFactory.IsSupported"/> is false it stays with Sockets. Change its options by
    /// <c>services.Configure&lt;TcpTransportOptions&gt;(ListenOptionsTcpTransportExtensions.TcpTransportOptionsName, …)</c>.
    /// </summary>
    /// <exception cref="InvalidOperationException"><c>UseNvmeTransport()</c> was not called on the web host.</exception>
    public static ListenOptions UseTcpTransport(this ListenOptions listenOptions)
    {
        ArgumentNullException.ThrowIfNull(listenOptions);
        TcpTransportEndPoints endPoints = listenOptions.ApplicationServices.GetService<TcpTransportEndPoints>()
            ?? throw new InvalidOperationException("UseTcpTransport() needs the transport: call UseNvmeTransport() on the web host first.");
        endPoints.Add(listenOptions.EndPoint);
        return listenOptions;
    }
}
