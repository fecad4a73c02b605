using System.Diagnostics;

namespace Nvmf.EventLoop.Internal;

/// <summary>
/// Whether the loop's thread should let others run first, by how much it has had to do.
/// </summary>
/// <remarks>
/// <code>
///            more than 20,000 pieces of work per second
///   Eager ────────────────────────────────────────────────► Yielding
///         ◄────────────────────────────────────────────────
///            fewer than 10,000
/// </code>
/// Below these rates a thread that waits for its turn costs more in latency than gathered work saves; between them nothing changes.
/// </remarks>
internal sealed class YieldPolicy(long start)
{
    private const int Busy = 20_000;
    private const int Quiet = 10_000;
    private static readonly long Window = Stopwatch.Frequency / 50;
    private long _windowStart = start;
    private long _work;

    /// <summary>Others run first when the loop is woken.</summary>
    public bool Yields { get; private set; }

    /// <param name="work">Events, items and timers handled in one turn of the loop.</param>
    /// <param name="now">When that turn began, in ticks of <see cref="Stopwatch"/>.</param>
    public void OnTurn(int work, long now)
    {
        _work += work;
        long elapsed = now - _windowStart;
        if (elapsed < Window)
        {
            return;
        }

        double rate = _work * (double)Stopwatch.Frequency / elapsed;
        Yields = rate > Busy || (Yields && rate >= Quiet);
        _work = 0;
        _windowStart = now;
    }
}
