using System.Diagnostics;

namespace Nvmf.EventLoop.Internal;

/// <summary>
/// Whether polling before sleep is worth its CPU. Polls only after work; after several polls in vain it stops, until a sleep turns out
/// to have been short enough that polling would have caught the wake-up.
/// </summary>
internal sealed class SpinPolicy(TimeSpan duration)
{
    private const int MissesAllowed = 8;
    private readonly long _ticks = (long)(duration.TotalSeconds * Stopwatch.Frequency);

    // What the scheduler adds to a sleep.
    private readonly long _wakeUpTicks = Stopwatch.Frequency / 20_000;
    private int _misses;

    public bool IsEnabled => _ticks > 0;

    /// <summary>How long to poll now, in stopwatch ticks; 0 for not at all.</summary>
    public long Budget(bool hadWork) => hadWork && _misses < MissesAllowed ? _ticks : 0;

    public void OnCaught() => _misses = 0;

    public void OnMissed() => _misses++;

    public void OnSlept(long ticks)
    {
        if (ticks <= _ticks + _wakeUpTicks)
        {
            _misses = 0;
        }
    }
}
