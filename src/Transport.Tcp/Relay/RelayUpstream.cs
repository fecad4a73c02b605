using System.Net;

namespace Nvmf.Transport.Tcp.Relay;

/// <summary>One place that connections can be relayed to, and what is known of its health.</summary>
/// <remarks>All members may be called from any thread.</remarks>
public sealed class RelayUpstream
{
    private volatile string? _lastError;
    private long _connects;
    private long _failures;

    internal RelayUpstream(EndPoint endPoint) => EndPoint = endPoint;

    /// <summary>Where it is: an <see cref="IPEndPoint"/> or a <see cref="DnsEndPoint"/>.</summary>
    public EndPoint EndPoint { get; }

    /// <summary>False from a failed connect to the next that succeeds.</summary>
    public bool IsHealthy => _lastError is null;

    /// <summary>Why it is not healthy, or null.</summary>
    public string? LastError => _lastError;

    /// <summary>Connections made.</summary>
    public long Connects => Interlocked.Read(ref _connects);

    /// <summary>Connects that failed, those of <see cref="RelayUpstreams.MonitorAsync"/> included.</summary>
    public long Failures => Interlocked.Read(ref _failures);

    internal void OnConnected(bool isProbe)
    {
        _lastError = null;
        if (!isProbe)
        {
            Interlocked.Increment(ref _connects);
        }
    }

    internal void OnFailed(string error)
    {
        _lastError = error;
        Interlocked.Increment(ref _failures);
    }
}
