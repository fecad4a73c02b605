using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Nvmf.Abstractions.Connections;
using Nvmf.Hosting.Internal;
using Nvmf.Target;

namespace Nvmf.Hosting.Kestrel;

/// <summary>The entry of an end point inside Kestrel in the discovery log: one, for however many addresses Kestrel binds for it. Any thread.</summary>
internal sealed class KestrelPort(ListenOptions listenOptions)
{
    private readonly Lock _lock = new();
    private TargetPort? _port;

    /// <summary>Adds the entry as soon as its port is known.</summary>
    public void Prepare(NvmeTarget target)
    {
        if (listenOptions.EndPoint is IPEndPoint { Port: not 0 })
        {
            Get(target);
        }
    }

    /// <summary>Kestrel puts the bound port into its options only after binding, so a port 0 enters the discovery log with the first connection.</summary>
    public TargetPort Get(NvmeTarget target)
    {
        lock (_lock)
        {
            return _port ??= target.AddPort(TargetPorts.OptionsFor(NvmeTransportType.Tcp, listenOptions.EndPoint));
        }
    }
}
