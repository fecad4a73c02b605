using System.Net;
using Nvmf.Abstractions.Connections;
using Nvmf.Hosting.Internal;
using Nvmf.Target;

namespace Nvmf.Hosting.Kestrel;

/// <summary>
/// The entries of end points inside Kestrel in the discovery log, one per bound address: a reload of Kestrel's configuration makes its end points anew. Any thread.
/// </summary>
internal sealed class KestrelPorts
{
    private readonly Lock _lock = new();
    private readonly List<KestrelPort> _ports = [];
    private NvmeTarget? _target;

    /// <summary>Kestrel is about to bind the end point; its entry is added as soon as its port is known.</summary>
    public void Prepare(KestrelPort port, NvmeTarget target)
    {
        lock (_lock)
        {
            _target = target;
            if (!_ports.Contains(port))
            {
                _ports.Add(port);
            }

            if (port.ListenOptions.EndPoint is IPEndPoint { Port: not 0 })
            {
                Get(port, port.ListenOptions.EndPoint);
            }
        }
    }

    /// <summary>Kestrel puts the bound port into its options only after binding, so a port 0 that Sockets bound enters the discovery log with the first connection.</summary>
    public TargetPort Get(KestrelPort port)
    {
        lock (_lock)
        {
            return Get(port, port.ListenOptions.EndPoint);
        }
    }

    /// <summary>The event loops are about to bind an address.</summary>
    /// <returns>The end point it belongs to, or null: it is none of the target.</returns>
    public KestrelPort? BeginListening(EndPoint requested)
    {
        lock (_lock)
        {
            KestrelPort? port = _ports.FindLast(p => EndPointSet.IsSame(p.ListenOptions.EndPoint, requested));
            if (port is not null)
            {
                port.Listeners++;
            }

            return port;
        }
    }

    /// <summary>The address is bound.</summary>
    public void OnListening(KestrelPort port, EndPoint bound)
    {
        lock (_lock)
        {
            Get(port, bound);
        }
    }

    /// <summary>The address is bound no longer; with the last one the entry goes.</summary>
    public void EndListening(KestrelPort port)
    {
        lock (_lock)
        {
            if (--port.Listeners > 0)
            {
                return;
            }

            _ports.Remove(port);
            if (port.Entry is { } entry)
            {
                _target!.RemovePort(entry);
            }
        }
    }

    private TargetPort Get(KestrelPort port, EndPoint bound)
    {
        if (port.Entry is not null)
        {
            return port.Entry;
        }

        // Sockets does not tell when an end point goes: its successor at the same address takes the entry over.
        KestrelPort? earlier = _ports.Find(p => p.Entry is not null && p.Listeners == 0 && p.ListenOptions.EndPoint.Equals(bound));
        if (earlier is not null)
        {
            _ports.Remove(earlier);
        }

        return port.Entry = earlier?.Entry ?? _target!.AddPort(TargetPorts.OptionsFor(NvmeTransportType.Tcp, bound));
    }
}
