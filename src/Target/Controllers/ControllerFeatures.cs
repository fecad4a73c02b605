using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Target.Controllers;

/// <summary>
/// Current values of a controller's features. Written on the admin queue's loop; what other loops look at is volatile.
/// </summary>
internal sealed class ControllerFeatures
{
    private readonly Controller _controller;
    private readonly Dictionary<(FeatureIdentifier Feature, uint Selector), uint> _values = [];
    private volatile int _ioQueuesGranted;
    private volatile bool _writeCacheEnabled;
    private ulong _timestamp;
    private long _timestampSetAt;

    public ControllerFeatures(Controller controller)
    {
        _controller = controller;
        Reset();
    }

    /// <summary>I/O queues that the host may connect. Any thread.</summary>
    public int IoQueuesGranted
    {
        get => _ioQueuesGranted;
        set => _ioQueuesGranted = value;
    }

    /// <summary>Off: every write goes through to the medium. Any thread.</summary>
    public bool WriteCacheEnabled
    {
        get => _writeCacheEnabled;
        set => _writeCacheEnabled = value;
    }

    public HostBehaviorSupport HostBehavior { get; set; }

    /// <summary>The timestamp was set by the host, and not by a reset.</summary>
    public bool TimestampWasSet { get; private set; }

    /// <summary>Milliseconds: as set, plus the time since.</summary>
    public ulong Timestamp
    {
        get => _timestamp + (ulong)_controller.Target.Time.GetElapsedTime(_timestampSetAt).TotalMilliseconds;
        set
        {
            _timestamp = value;
            _timestampSetAt = _controller.Target.Time.GetTimestamp();
            TimestampWasSet = true;
        }
    }

    /// <summary>The value of a simple feature, when the host has set one.</summary>
    public uint? Find(FeatureIdentifier feature, uint selector) => _values.TryGetValue((feature, selector), out uint value) ? value : null;

    public void Store(FeatureIdentifier feature, uint selector, uint value) => _values[(feature, selector)] = value;

    /// <summary>Back to the default, whatever the selector.</summary>
    public void Forget(FeatureIdentifier feature)
    {
        foreach ((FeatureIdentifier Feature, uint Selector) key in _values.Keys)
        {
            if (key.Feature == feature)
            {
                _values.Remove(key);
            }
        }
    }

    /// <summary>Nothing is saveable: a reset brings the defaults back.</summary>
    public void Reset()
    {
        _values.Clear();
        _ioQueuesGranted = _controller.Subsystem?.MaxIoQueues ?? 0;
        _writeCacheEnabled = true;
        HostBehavior = default;
        Timestamp = 0;
        TimestampWasSet = false;
    }
}
