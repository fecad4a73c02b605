namespace Nvmf.Hosting.Internal;

/// <summary>How the time of a host's stop is spent.</summary>
internal static class ShutdownTime
{
    /// <summary>Three quarters; a host that waits for ever, or nearly, has no other limit than the stages' own deadlines.</summary>
    public static TimeSpan GracefulPart(TimeSpan limit) =>
        limit < TimeSpan.Zero || limit > TimeSpan.FromDays(1) ? Timeout.InfiniteTimeSpan : limit * 0.75;
}
