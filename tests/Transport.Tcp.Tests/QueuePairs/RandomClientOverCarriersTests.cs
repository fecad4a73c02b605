using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Testing;

namespace Nvmf.Transport.Tcp.Tests.QueuePairs;

/// <summary>The random byte client over real connections: fewer cases, real event loops, real resets.</summary>
public class RandomClientOverCarriersTests
{
    private const int Cases = 120;

    public static TheoryData<Carrier> Carriers() => [.. TestTransport.Available];

    [Theory]
    [MemberData(nameof(Carriers))]
    public async Task Random_clients_leave_nothing_behind(Carrier carrier)
    {
        using var pool = new PoisonedPool(48 << 20);
        await using var transport = new TestTransport(carrier, pool, RecordedSession.Options);
        await using IQueuePairListener listener = await transport.Listeners.BindAsync(new IPEndPoint(IPAddress.Loopback, 0));
        var lives = new List<QueuePairLifecycle>();
        Task accepting = AcceptAsync();
        await Parallel.ForAsync(0, Cases, new ParallelOptions { MaxDegreeOfParallelism = 6 }, async (seed, cancellation) =>
        {
            try
            {
                await PlayAsync(transport, listener.EndPoint, seed).WaitAsync(TestCommand.Patience, cancellation);
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"{carrier}, seed {seed}: {exception.Message}", exception);
            }
        });
        await QueuePairPair.Until(() => lives.Count == Cases, "all connections to be accepted");
        await listener.UnbindAsync();
        await accepting;
        Task<DrainReport[]> all = Task.WhenAll(lives.Select(life => life.Completion));
        await Task.WhenAny(all, Task.Delay(TestCommand.Patience));
        Assert.True(all.IsCompleted, string.Join(
            Environment.NewLine, lives.Where(life => !life.Completion.IsCompleted).Select(life => $"{life.State}, {life.Cause}, {life.References}")));
        DrainReport[] reports = await all;
        Assert.DoesNotContain(reports, report => report.Cause is TeardownCause.InternalError or TeardownCause.TimedOut);
        Assert.All(reports, report => Assert.Equal((0, 0L), (report.AbandonedCommands, report.QuarantinedBytes)));
        Assert.Equal(0, transport.Listeners.Pending.Count);

        async Task AcceptAsync()
        {
            while (await listener.AcceptAsync() is { } queuePair)
            {
                queuePair.Start(new ScriptedHandler(pool, RecordedSession.DiskSize));
                lives.Add(queuePair.Lifecycle);
            }
        }
    }

    private static async Task PlayAsync(TestTransport transport, EndPoint endPoint, int seed)
    {
        var random = new Random(seed);
        byte digests = (byte)random.Next(4);
        byte[] stream = random.Next(4) == 0 ? Mutation.Noise(random) : Mutation.Injure(RecordedSession.Pdus(digests, seed), random);
        ConnectionContext connection = await transport.Connections.ConnectAsync(endPoint);
        PipeWriter output = connection.Transport.Output;
        Task reading = ReadAsync(connection.Transport.Input);
        try
        {
            for (int position = 0; position < stream.Length;)
            {
                int length = Math.Min(random.Next(1, 1 << random.Next(6, 17)), stream.Length - position);
                output.Write(stream.AsSpan(position, length));
                position += length;
                if ((await output.FlushAsync()).IsCompleted)
                {
                    break;
                }
            }
        }
        catch (Exception exception) when (exception is IOException or ConnectionAbortedException or InvalidOperationException)
        {
            // The target had enough.
        }

        if (random.Next(2) == 0)
        {
            connection.Abort();
        }
        else
        {
            await output.CompleteAsync();
        }

        await reading;
        await connection.DisposeAsync();
    }

    private static async Task ReadAsync(PipeReader input)
    {
        try
        {
            while (true)
            {
                ReadResult result = await input.ReadAsync();
                input.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted || result.IsCanceled)
                {
                    break;
                }
            }
        }
        catch (Exception exception) when (exception is IOException or ConnectionAbortedException or InvalidOperationException)
        {
            // Reset.
        }
    }
}
