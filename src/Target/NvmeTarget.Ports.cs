namespace Nvmf.Target;

/// <summary>Ports: the end points that the discovery log tells hosts about.</summary>
public sealed partial class NvmeTarget
{
    /// <summary>The ports.</summary>
    public IReadOnlyCollection<TargetPort> Ports
    {
        get
        {
            lock (_lock)
            {
                return [.. _ports];
            }
        }
    }

    /// <summary>Adds a port: from now on the discovery log lists it. Discovery controllers are told (AEN).</summary>
    /// <exception cref="ArgumentException">An option is out of range; the message names it.</exception>
    /// <exception cref="ObjectDisposedException">The target was disposed.</exception>
    public TargetPort AddPort(TargetPortOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        TargetPortOptionsValidation.Check(options);
        TargetPort port;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            do
            {
                _lastPortId = _lastPortId == ushort.MaxValue ? (ushort)1 : (ushort)(_lastPortId + 1);
            }
            while (_ports.Exists(other => other.Id == _lastPortId));
            port = new TargetPort(_lastPortId, options, OnAnaStateChanged);
            _ports.Add(port);
        }

        Discovery.OnChanged();
        return port;
    }

    /// <summary>
    /// Removes a port from the discovery log; discovery controllers are told (AEN). New Connects by it are refused (Controller Busy, without Do Not Retry). What is connected
    /// goes on: ending that is the listener's matter.
    /// </summary>
    /// <returns>False when the port is not one of this target.</returns>
    public bool RemovePort(TargetPort port)
    {
        ArgumentNullException.ThrowIfNull(port);
        lock (_lock)
        {
            if (!_ports.Remove(port))
            {
                return false;
            }
        }

        port.IsRemoved = true;
        Discovery.OnChanged();
        return true;
    }

    private void OnAnaStateChanged(TargetPort port)
    {
        foreach (Subsystem subsystem in Subsystems)
        {
            subsystem.OnAnaStateChanged(port);
        }
    }
}
