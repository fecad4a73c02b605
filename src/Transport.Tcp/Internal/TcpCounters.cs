namespace Nvmf.Transport.Tcp.Internal;

/// <summary>Counts of one loop. Written on the loop only, read from anywhere.</summary>
internal sealed class TcpCounters
{
    public long BytesReceived;
    public long BytesCopied;

    /// <summary>Copied by the threads of applications: interlocked, unlike the others.</summary>
    public long BytesSentDirectly;

    public long BytesZeroCopied;
    public long Notifications;
    public long NotificationsCopied;
    public long UnknownNotifications;

    /// <summary>Connections in mode "auto" that went over to copying because the kernel copied anyway.</summary>
    public long ZeroCopyGivenUp;

    public long ConnectionsOpened;
    public long ConnectionsClosed;
    public long DrainDeadlines;
    public long QuarantinedBytes;

    /// <summary>Bytes copied in spite of the mode, by <see cref="ZeroCopyRefusal"/>.</summary>
    public readonly long[] FallbackBytes = new long[Enum.GetValues<ZeroCopyRefusal>().Length];
}
