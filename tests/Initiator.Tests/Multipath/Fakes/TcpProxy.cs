using System.Net;
using System.Net.Sockets;

namespace Nvmf.Initiator.Tests.Multipath.Fakes;

/// <summary>A path that a test can break: stands between a host and a target, and passes bytes on when it is told to.</summary>
internal sealed class TcpProxy : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Lock _lock = new();
    private readonly List<ProxiedConnection> _connections = [];
    private readonly Task _accepting;
    private bool _refuses;

    public TcpProxy(EndPoint target)
    {
        Target = target;
        // Small, so that a window closes soon when nobody reads, and not so small that the kernel waits to open it. Accepted sockets inherit it.
        _listener.ReceiveBufferSize = 64 << 10;
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(64);
        EndPoint = _listener.LocalEndPoint!;
        _accepting = AcceptAsync();
    }

    public EndPoint EndPoint { get; }

    /// <summary>Where new connections go.</summary>
    public EndPoint Target { get; set; }

    /// <summary>Host to target.</summary>
    public ProxyGate Up { get; } = new();

    /// <summary>Target to host.</summary>
    public ProxyGate Down { get; } = new();

    /// <summary>Keeps what went to the target, for a look at it.</summary>
    public bool Records { get; set; }

    public byte[] Recorded
    {
        get
        {
            lock (_lock)
            {
                return [.. _connections.SelectMany(connection => connection.Recorded)];
            }
        }
    }

    /// <summary>New connections are reset as soon as they come.</summary>
    public void Refuse(bool refuse) => Volatile.Write(ref _refuses, refuse);

    /// <summary>Resets every connection, on both sides.</summary>
    public void Cut() => ForEach(connection => connection.Reset(both: true));

    /// <summary>From now on the target does not see when the host's side of a connection ends, as when a network is cut between them.</summary>
    public void HideEndsFromTarget() => ForEach(connection => connection.HidesEnd = true);

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _accepting;
        Up.Open();
        Down.Open();
        ForEach(connection => connection.Reset(both: true));
        ProxiedConnection[] all;
        lock (_lock)
        {
            all = [.. _connections];
        }

        await Task.WhenAll(all.Select(connection => connection.Ended)).WaitAsync(Initiator.Tests.Fakes.TargetFixture.Patience);
        foreach (var connection in all)
        {
            connection.Dispose();
        }
    }

    private void ForEach(Action<ProxiedConnection> action)
    {
        ProxiedConnection[] all;
        lock (_lock)
        {
            all = [.. _connections];
        }

        Array.ForEach(all, action);
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            Socket host;
            try
            {
                host = await _listener.AcceptAsync();
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }

            if (Volatile.Read(ref _refuses))
            {
                host.Close(0);
                continue;
            }

            lock (_lock)
            {
                _connections.Add(new ProxiedConnection(this, host));
            }
        }
    }
}
