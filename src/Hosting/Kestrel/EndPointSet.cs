using System.Net;
using System.Net.Sockets;

namespace Nvmf.Hosting.Kestrel;

/// <summary>End points inside Kestrel that were asked for by a call in code. Any thread.</summary>
internal abstract class EndPointSet
{
    private readonly Lock _lock = new();
    private readonly List<EndPoint> _endPoints = [];

    public void Add(EndPoint endPoint)
    {
        lock (_lock)
        {
            // A reload of Kestrel's configuration makes its end points anew.
            if (!_endPoints.Exists(known => IsSame(known, endPoint)))
            {
                _endPoints.Add(endPoint);
            }
        }
    }

    public bool Contains(EndPoint endPoint)
    {
        lock (_lock)
        {
            return _endPoints.Exists(known => IsSame(known, endPoint));
        }
    }

    /// <summary>
    /// Kestrel binds a copy for each address that ListenLocalhost and ListenAnyIP stand for. End points with port 0 can be told apart by reference
    /// alone.
    /// </summary>
    public static bool IsSame(EndPoint known, EndPoint asked) =>
        ReferenceEquals(known, asked)
        || (known is UnixDomainSocketEndPoint && known.Equals(asked))
        || (known is IPEndPoint { Port: not 0 } a && asked is IPEndPoint b && a.Port == b.Port
            && (a.Address.Equals(b.Address)
                || (IPAddress.IsLoopback(a.Address) && IPAddress.IsLoopback(b.Address))
                || (IsAny(a.Address) && IsAny(b.Address))));

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);
}
