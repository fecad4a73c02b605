using Nvmf.Abstractions.Lifecycle;
using Nvmf.Transport.Tcp.Relay.Internal;

namespace Nvmf.Transport.Tcp.Relay;

/// <summary>Counts of one <see cref="SpliceRelayFactory"/> since it was made.</summary>
/// <param name="Active">Relays that have not ended.</param>
/// <param name="Opened">Relays started.</param>
/// <param name="Closed">Relays ended, by the first cause.</param>
/// <param name="BytesSpliced">Bytes that went through the kernel.</param>
/// <param name="BytesCopied">Bytes that this process copied.</param>
/// <param name="ConnectsFailed">Attempts to connect to an upstream that failed.</param>
/// <param name="PipesOpen">Kernel pipes open, pooled ones included.</param>
/// <param name="PipesPooled">Kernel pipes waiting to be used, proven empty.</param>
/// <param name="PipesNotEmpty">Kernel pipes closed because they came back with bytes in them.</param>
/// <param name="PipesRefused">Times a direction copied for want of a pipe.</param>
public sealed record RelayStatistics(
    int Active,
    long Opened,
    IReadOnlyDictionary<TeardownCause, long> Closed,
    long BytesSpliced,
    long BytesCopied,
    long ConnectsFailed,
    long PipesOpen,
    long PipesPooled,
    long PipesNotEmpty,
    long PipesRefused)
{
    internal static RelayStatistics Sum(IEnumerable<RelayCounters> all, int active, long pooled)
    {
        RelayCounters[] counters = [.. all];
        long Total(Func<RelayCounters, long> value) => counters.Sum(value);
        var closed = new Dictionary<TeardownCause, long>();
        foreach (TeardownCause cause in Enum.GetValues<TeardownCause>())
        {
            if (Total(c => Volatile.Read(ref c.Closed[(int)cause])) is > 0 and long count)
            {
                closed.Add(cause, count);
            }
        }

        return new RelayStatistics(
            active,
            Total(c => Volatile.Read(ref c.RelaysOpened)),
            closed,
            Total(c => Volatile.Read(ref c.BytesSpliced)),
            Total(c => Volatile.Read(ref c.BytesCopied)),
            Total(c => Volatile.Read(ref c.ConnectsFailed)),
            Total(c => Volatile.Read(ref c.PipesOpened) - Volatile.Read(ref c.PipesClosed)),
            pooled,
            Total(c => Volatile.Read(ref c.PipesNotEmpty)),
            Total(c => Volatile.Read(ref c.PipesRefused)));
    }
}
