using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Transport.Tcp.Relay.Internal;

/// <summary>Counts of one loop, or of the relays that copy through pipelines. Written in one place at a time, read from anywhere.</summary>
internal sealed class RelayCounters
{
    public long BytesSpliced;
    public long BytesCopied;
    public long RelaysOpened;
    public long ConnectsFailed;
    public long PipesOpened;
    public long PipesClosed;

    /// <summary>Pipes that came back with bytes in them, and were closed for it.</summary>
    public long PipesNotEmpty;

    /// <summary>Pipes that the kernel did not enlarge.</summary>
    public long PipesSmall;

    /// <summary>Times a direction copied because there was no pipe.</summary>
    public long PipesRefused;

    /// <summary>Times a direction waited because there was neither a pipe nor a buffer.</summary>
    public long Starved;

    /// <summary>Ended relays by <see cref="TeardownCause"/>.</summary>
    public readonly long[] Closed = new long[Enum.GetValues<TeardownCause>().Length];
}
