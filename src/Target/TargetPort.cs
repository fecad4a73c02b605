using System.Net.Sockets;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Target;

/// <summary>A port of the target: an end point that hosts can reach.</summary>
/// <remarks>All members may be called from any thread.</remarks>
public sealed class TargetPort
{
    private readonly Lock _lock = new();
    private readonly Action<TargetPort> _anaStateChanged;
    private volatile AnaState _anaState = AnaState.Optimized;
    private ulong _anaChanges;
    private volatile bool _isRemoved;

    internal TargetPort(ushort id, TargetPortOptions options, Action<TargetPort> anaStateChanged)
    {
        Id = id;
        TransportType = options.TransportType;
        AddressFamily = options.AddressFamily;
        Address = options.Address;
        ServiceId = options.ServiceId;
        Security = options.Security;
        _anaStateChanged = anaStateChanged;
    }

    /// <summary>Port identifier (PORTID), 1 and up.</summary>
    public ushort Id { get; }

    /// <summary>Transport.</summary>
    public NvmeTransportType TransportType { get; }

    /// <summary>Address family.</summary>
    public AddressFamily AddressFamily { get; }

    /// <summary>Transport address (TRADDR).</summary>
    public string Address { get; }

    /// <summary>Transport service (TRSVCID).</summary>
    public string ServiceId { get; }

    /// <summary>Security of a TCP port.</summary>
    public TransportSecurity Security { get; }

    /// <summary>
    /// State of every namespace as reached by this port. Hosts that were connected by it are told (AEN); in states other than optimized and
    /// non-optimized their I/O commands get the path status of that state, and a host with multipathing turns to another port.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a state.</exception>
    public AnaState AnaState
    {
        get => _anaState;
        set
        {
            if (!Enum.IsDefined(value))
            {
                throw new ArgumentOutOfRangeException(nameof(value), value, "Not an ANA state.");
            }

            lock (_lock)
            {
                if (_anaState == value)
                {
                    return;
                }

                _anaState = value;
                _anaChanges++;
            }

            _anaStateChanged(this);
        }
    }

    /// <summary>No longer one of its target's: Connects by it are refused, what is connected goes on.</summary>
    internal bool IsRemoved
    {
        get => _isRemoved;
        set => _isRemoved = value;
    }

    internal (AnaState State, ulong Changes) AnaStateAndChanges
    {
        get
        {
            lock (_lock)
            {
                return (_anaState, _anaChanges);
            }
        }
    }
}
