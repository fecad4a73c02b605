using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Initiator.Multipath;

/// <summary>
/// One life of a path: a controller, from the moment it is ready until nothing it was ever given can reach the medium any more.
/// </summary>
/// <remarks>
/// <code>
///  usable ──a queue pair breaks, keep-alive fails──► ending ──every connection reset, every buffer proven off the wire──► ended ──WriteFence──► fenced
/// </code>
/// </remarks>
internal sealed class Association
{
    private readonly NvmeSubsystemConnection _subsystem;
    private readonly Lock _lock = new();
    private volatile AnaStates _ana;
    private Task? _refresh;
    private bool _refreshing;
    private bool _refreshAgain;
    private Task? _fence;
    private int _outstanding;
    private volatile bool _retired;

    public Association(NvmeSubsystemConnection subsystem, NvmePath path, NvmeController controller, AnaStates ana)
    {
        _subsystem = subsystem;
        Path = path;
        Controller = controller;
        _ana = ana;
        Ended = EndAsync();
    }

    public NvmePath Path { get; }

    public NvmeController Controller { get; }

    public AnaStates Ana => _ana;

    public bool IsUsable => !_retired && !Controller.Ending.IsCompleted;

    /// <summary>Commands of the multipath layer that are out.</summary>
    public int Outstanding => Volatile.Read(ref _outstanding);

    /// <summary>Timestamp of the end on this side: nothing of it leaves this host afterwards.</summary>
    public Task<long> Ended { get; }

    public void Begin() => Interlocked.Increment(ref _outstanding);

    public void End() => Interlocked.Decrement(ref _outstanding);

    /// <summary>Takes no more commands, and gives those that are out their time.</summary>
    public async Task RetireAsync(TimeSpan atMost)
    {
        _retired = true;
        _subsystem.RaiseChanged();
        var start = _subsystem.Time.GetTimestamp();
        while (Outstanding > 0 && !Controller.Ending.IsCompleted && _subsystem.Time.GetElapsedTime(start) < atMost)
        {
            await _subsystem.WaitAsync(Controller.Ending, TimeSpan.FromMilliseconds(5), CancellationToken.None).ConfigureAwait(false);
        }
    }

    /// <summary>Ends, never by a fault, when no command of this association can change the medium any more. Begun by the first who asks.</summary>
    public Task FenceAsync()
    {
        lock (_lock)
        {
            return _fence ??= WriteFence.RaiseAsync(_subsystem, this);
        }
    }

    /// <summary>
    /// Reads the ANA log; one reader at a time. Who asks while it is read waits for another reading: the controller may have written down its answer before
    /// it had what the asker heard of.
    /// </summary>
    public Task RefreshAnaAsync()
    {
        lock (_lock)
        {
            if (_refreshing)
            {
                _refreshAgain = true;
                return _refresh!;
            }

            _refreshing = true;
            return _refresh = RefreshUntilQuietAsync();
        }
    }

    private async Task RefreshUntilQuietAsync()
    {
        while (true)
        {
            await ReadAnaAsync().ConfigureAwait(false);
            lock (_lock)
            {
                if (!_refreshAgain)
                {
                    _refreshing = false;
                    return;
                }

                _refreshAgain = false;
            }
        }
    }

    private async Task ReadAnaAsync()
    {
        try
        {
            _ana = await AnaStates.ReadAsync(Controller, CancellationToken.None).ConfigureAwait(false);
            _subsystem.RaiseChanged();
        }
        catch (Exception e) when (e is IOException or TimeoutException or InvalidDataException)
        {
            // The states of before are the best that is known; a broken association is noticed elsewhere.
            _subsystem.Log.AnaFailed(e, Path.EndPoint);
        }
    }

    private async Task<long> EndAsync()
    {
        DrainReport report = await Controller.Ended.ConfigureAwait(false);
        if (report.QuarantinedBytes > 0)
        {
            _subsystem.Log.Unproven(Path.EndPoint, report.QuarantinedBytes);
        }

        return _subsystem.Time.GetTimestamp();
    }

    /// <summary>
    /// How long after <see cref="Ended"/> the controller may go on, if nobody tells it better: its keep-alive timer started at the latest with the last thing it received. What was in
    /// the network at the end arrives within one period or finds the timer expired; then one more period passes, with traffic based keep-alive two; then its
    /// commands may take CQT.
    /// </summary>
    public TimeSpan QuiesceTime
    {
        get
        {
            ref readonly var identity = ref Controller.Identity;
            var granularity = TimeSpan.FromMilliseconds(100 * Math.Max(1, (int)identity.KeepAliveGranularity));
            var keepAlive = granularity * Math.Ceiling(Controller.Options.KeepAlive / granularity);
            var periods = (identity.Attributes & ControllerAttributes.TrafficBasedKeepAlive) != 0 ? 3 : 2;
            return (keepAlive * periods) + TimeSpan.FromMilliseconds(identity.CommandQuiesceTime);
        }
    }
}
