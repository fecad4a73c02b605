using System.Globalization;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Lifecycle;
using Xunit.Abstractions;

namespace Nvmf.Transport.Tcp.Tests.QueuePairs;

/// <summary>
/// The random byte client. Whatever it sends: no exception, no hang, nothing left. NVMF_FUZZ_SEED repeats one case, NVMF_FUZZ_CASES sets their number.
/// </summary>
public class TcpQueuePairFuzzTests(ITestOutputHelper output)
{
    [Fact]
    public void Ten_thousand_random_clients()
    {
        using var pool = new BufferPool(new BufferPoolOptions { Poison = true, LimitInBytes = 12 << 20 });
        var causes = new Dictionary<TeardownCause, int>();
        if (int.TryParse(Environment.GetEnvironmentVariable("NVMF_FUZZ_SEED"), CultureInfo.InvariantCulture, out int only))
        {
            Play(pool, only);
            return;
        }

        int cases = int.TryParse(Environment.GetEnvironmentVariable("NVMF_FUZZ_CASES"), CultureInfo.InvariantCulture, out int wanted) ? wanted : 10_000;
        int commands = 0;
        for (int seed = 0; seed < cases; seed++)
        {
            try
            {
                (TeardownCause cause, int arrived) = Play(pool, seed);
                causes[cause] = causes.GetValueOrDefault(cause) + 1;
                commands += arrived;
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"Seed {seed}: {exception.Message}", exception);
            }
        }

        output.WriteLine($"{cases} cases, {commands} commands, {string.Join(", ", causes)}");

        // The mixture must reach both the error paths and the depths behind them.
        Assert.True(causes[TeardownCause.ProtocolError] > cases / 4);
        Assert.True(causes[TeardownCause.HostClosed] > cases / 20);
        Assert.True(commands > cases);
        Assert.Equal(0, pool.Statistics.RentedBlocks);
        Assert.Equal(0, pool.Statistics.PoisonViolations);
    }

    private static (TeardownCause Cause, int Commands) Play(BufferPool pool, int seed)
    {
        var random = new Random(seed);
        byte digests = (byte)random.Next(4);
        byte[] stream = random.Next(4) == 0 ? Mutation.Noise(random) : Mutation.Injure(RecordedSession.Pdus(digests, seed), random);
        using var session = new ControllerSession(RecordedSession.Options, pool, diskSize: RecordedSession.DiskSize);
        if (random.Next(4) == 0)
        {
            MakeSlow(session, random);
        }

        int largest = 1 << random.Next(4, 17);
        for (int position = 0; position < stream.Length && session.Connection.Lifecycle.Cause == TeardownCause.None;)
        {
            int length = Math.Min(random.Next(1, largest + 1), stream.Length - position);
            session.Connection.Feed(stream.AsSpan(position, length));
            position += length;
            if (random.Next(300) == 0)
            {
                session.QueuePair.Close(TeardownCause.KeepAliveExpired);
            }
        }

        TeardownCause cause = session.Connection.Lifecycle.Cause;
        cause = cause == TeardownCause.None ? TeardownCause.HostClosed : cause;
        session.AssertEndsClean(cause);
        Assert.NotEqual(TeardownCause.InternalError, cause);
        return (cause, session.Handler.Arrived.Count);
    }

    // A back end that answers later, in another order, or not before the teardown.
    private static void MakeSlow(ControllerSession session, Random random) => session.Handler.Command = command =>
    {
        List<QueuePairCommand> held = session.Handler.Held;
        command.HandlerState = null;
        held.Add(command);
        if (held.Count > random.Next(6))
        {
            int index = random.Next(held.Count);
            QueuePairCommand done = held[index];
            held.RemoveAt(index);
            if (done.Entry.Opcode == Wire.Read && done.DataLength is > 0 and <= 65536)
            {
                BufferLease data = session.Handler.Rent((int)done.DataLength);
                data.Span.Clear();
                done.CompleteWithData(ScriptedHandler.Completion(done), data);
            }
            else
            {
                done.Complete(ScriptedHandler.Completion(done));
            }
        }
    };
}
