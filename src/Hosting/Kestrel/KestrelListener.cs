using System.Net;
using Microsoft.AspNetCore.Connections;

namespace Nvmf.Hosting.Kestrel;

/// <summary>A listener for an end point of the target; takes its entry out of the discovery log before it stops accepting.</summary>
internal sealed class KestrelListener(IConnectionListener listener, KestrelPorts ports, KestrelPort port) : IConnectionListener
{
    private int _ended;

    public EndPoint EndPoint => listener.EndPoint;

    public ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) => listener.AcceptAsync(cancellationToken);

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        End();
        return listener.UnbindAsync(cancellationToken);
    }

    public ValueTask DisposeAsync()
    {
        End();
        return listener.DisposeAsync();
    }

    private void End()
    {
        if (Interlocked.Exchange(ref _ended, 1) == 0)
        {
            ports.EndListening(port);
        }
    }
}
