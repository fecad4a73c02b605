namespace Nvmf.Initiator.Multipath;

/// <summary>How several paths to one subsystem are kept and used.</summary>
public sealed class NvmeMultipathOptions
{
    /// <summary>
    /// Every path's association. Its keep-alive time-out (KATO) must not be zero: it bounds how long a lost controller may go on executing commands.
    /// <see cref="NvmeConnectOptions.CommandTimeout"/> is the deadline of one transmission, after which the command is tried on another path.
    /// </summary>
    public required NvmeConnectOptions Connect { get; init; }

    /// <summary>Choice among equally good paths. Default: one after the other.</summary>
    public NvmePathPolicy Policy { get; init; }

    /// <summary>Time between two attempts to connect, 1 ms to 24 days; the first one after a loss comes at once, unless the association lasted no longer than this. Default 2 s.</summary>
    public TimeSpan ReconnectDelay { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a path is tried again before it is given up for good; <see cref="Timeout.InfiniteTimeSpan"/>: for ever. Default 10 min.</summary>
    public TimeSpan ControllerLossTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// How long commands wait while no path can be used, counted from the moment the last one was lost; then they fail. <see cref="Timeout.InfiniteTimeSpan"/>, the
    /// default: until every path was given up.
    /// </summary>
    public TimeSpan FastFailTimeout { get; init; } = Timeout.InfiniteTimeSpan;

    /// <summary>How often a command is sent again that a controller answered with an error worth another try, or not in time. Lost connections do not count. Default 5.</summary>
    public int MaxRetries { get; init; } = 5;

    /// <summary>
    /// Fence a lost association before a command that changes the medium is sent on another one (invariant I10). Default true. False: such a command is sent
    /// again as soon as no transmission of it can leave this host any more, and the lost controller may execute the first one after the second.
    /// </summary>
    public bool FenceWrites { get; init; } = true;

    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(Connect);
        Connect.Validate();
        if (Connect.KeepAlive <= TimeSpan.Zero)
        {
            throw new ArgumentException("Paths need a keep-alive time-out: without one, nothing bounds how long a lost controller executes commands.", nameof(Connect));
        }

        if (Connect.QueueCount == 0)
        {
            throw new ArgumentException("Paths need at least one I/O queue.", nameof(Connect));
        }

        ThrowIfOutside(ReconnectDelay, mayBeInfinite: false, nameof(ReconnectDelay));
        ThrowIfOutside(ControllerLossTimeout, mayBeInfinite: true, nameof(ControllerLossTimeout));
        ThrowIfOutside(FastFailTimeout, mayBeInfinite: true, nameof(FastFailTimeout));
        ArgumentOutOfRangeException.ThrowIfNegative(MaxRetries);
    }

    private static void ThrowIfOutside(TimeSpan value, bool mayBeInfinite, string name)
    {
        if (mayBeInfinite && value == Timeout.InfiniteTimeSpan)
        {
            return;
        }

        if (value < TimeSpan.FromMilliseconds(1) || value.TotalDays > 24)
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be between 1 ms and 24 days.");
        }
    }
}
