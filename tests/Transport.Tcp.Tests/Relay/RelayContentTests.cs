using System.Net.Sockets;
using Nvmf.Transport.Tcp.Tests.Connections;
using Xunit.Abstractions;

namespace Nvmf.Transport.Tcp.Tests.Relay;

/// <summary>Failure F3 by its reporter's method: contents are compared, not counts.</summary>
public class RelayContentTests(ITestOutputHelper output)
{
    /// <summary>The 10 GiB of the report, in odd-sized chunks.</summary>
    [Fact]
    public async Task AStreamOfKnownContentArrivesAsItWas()
    {
        const long Length = 10L << 30;
        await using var host = new RelayTestHost();
        RelayedPair pair = await host.ConnectAsync();
        Task sending = Blocking(() => Send(pair.Client, Length, 300_001, seed: 1));
        await Blocking(() => Receive(pair.Server, Length, 200_003, seed: 2));
        await sending;
        await pair.CloseAsync();
        Assert.Equal(Length, pair.Relay.BytesUpstream);
        Assert.Equal(Length, host.Factory.Statistics.BytesSpliced);
        output.WriteLine($"{Length >> 20} MiB, every byte compared.");
    }

    [Theory]
    [InlineData(RelayWay.Splice, 64 << 20)]
    [InlineData(RelayWay.Copy, 64 << 20)]
    [InlineData(RelayWay.Pipelines, 32 << 20)]
    public async Task BothDirectionsAtOnce(RelayWay way, long length)
    {
        await using var host = new RelayTestHost(way);
        RelayedPair pair = await host.ConnectAsync();
        await Task.WhenAll(
            Blocking(() => Send(pair.Client, length, 100_001, seed: 1)),
            Blocking(() => Receive(pair.Server, length, 70_001, seed: 2)),
            Blocking(() => Send(pair.Server, length, 50_001, seed: 3)),
            Blocking(() => Receive(pair.Client, length, 200_001, seed: 4)));
        await pair.CloseAsync();
        Assert.Equal((length, length), (pair.Relay.BytesUpstream, pair.Relay.BytesDownstream));
        long spliced = host.Factory.Statistics.BytesSpliced;
        Assert.Equal(way == RelayWay.Splice ? 2 * length : 0, spliced);
    }

    /// <summary>Pages of /dev/zero are the zero page: anything else is a leak.</summary>
    [Fact]
    public async Task AStreamOfZeroesStaysZero()
    {
        const long Length = 256L << 20;
        await using var host = new RelayTestHost();

        // What the zeroes could be mixed up with.
        RelayedPair noise = await host.ConnectAsync();
        using var stop = new CancellationTokenSource();
        Task noisy = Blocking(() => ExchangeNoise(noise, stop.Token));
        RelayedPair pair = await host.ConnectAsync();
        Task sending = Blocking(() =>
        {
            using FileStream zero = File.OpenRead("/dev/zero");
            byte[] buffer = new byte[65_537];
            for (long left = Length; left > 0;)
            {
                int part = zero.Read(buffer, 0, (int)Math.Min(left, buffer.Length));
                SendAll(pair.Client, buffer.AsSpan(0, part));
                left -= part;
            }
        });
        await Blocking(() =>
        {
            byte[] buffer = new byte[100_001];
            for (long left = Length; left > 0;)
            {
                int received = pair.Server.Receive(buffer);
                Assert.NotEqual(0, received);
                int foreign = buffer.AsSpan(0, received).IndexOfAnyExcept((byte)0);
                if (foreign >= 0)
                {
                    Assert.Fail($"A byte {buffer[foreign]:x2} in a stream of zeroes, {left - foreign} before its end.");
                }

                left -= received;
            }
        });
        await sending;
        await stop.CancelAsync();
        await noisy;
        await pair.CloseAsync();
    }

    /// <summary>A second chunk arrives while the first is half delivered, at every small size.</summary>
    [Theory]
    [InlineData(RelayWay.Splice)]
    [InlineData(RelayWay.Copy)]
    public async Task TwoChunksAtOnce(RelayWay way)
    {
        await using var host = new RelayTestHost(way);
        RelayedPair pair = await host.ConnectAsync();
        await Blocking(() =>
        {
            var random = new Random(3);
            byte[] buffer = new byte[40_000];
            long sent = 0;
            long received = 0;
            for (int round = 0; round < 3000; round++)
            {
                int first = random.Next(1, round % 10 == 0 ? 20_000 : 100);
                int second = random.Next(1, round % 7 == 0 ? 20_000 : 5000);
                PeerStream.Fill(buffer.AsSpan(0, first + second), sent);
                SendAll(pair.Client, buffer.AsSpan(0, first));
                SendAll(pair.Client, buffer.AsSpan(first, second));
                sent += first + second;
                while (received < sent)
                {
                    int n = pair.Server.Receive(buffer, 0, (int)Math.Min(sent - received, random.Next(1, 30_000)), SocketFlags.None);
                    PeerStream.Check(buffer.AsSpan(0, n), received);
                    received += n;
                }
            }
        });
        await pair.CloseAsync();
    }

    /// <summary>Each stream has a phase of its own in the pattern, so a foreign byte cannot pass for an own one.</summary>
    [Theory]
    [InlineData(RelayWay.Splice, 200, 2 << 20)]
    [InlineData(RelayWay.Copy, 50, 1 << 20)]
    [InlineData(RelayWay.Pipelines, 50, 1 << 20)]
    public async Task ManyConnectionsNeverMix(RelayWay way, int connections, int length)
    {
        // A quarter of the pipes that 400 directions could use: the rest copies.
        await using var host = new RelayTestHost(way, options =>
        {
            options.MaxPipes = 25;
            options.MaxPooledPipes = 5;
        });
        RelayedPair[] pairs = new RelayedPair[connections];
        for (int i = 0; i < connections; i++)
        {
            pairs[i] = await host.ConnectAsync();
        }

        await Task.WhenAll(pairs.SelectMany((pair, i) => new[]
        {
            PeerStreams.SendAsync(pair.Client, length, 20_011, seed: i, phase: Phase(i, 0)),
            PeerStreams.ReceiveAsync(pair.Server, length, 30_011, seed: i + 1000, phase: Phase(i, 0)),
            PeerStreams.SendAsync(pair.Server, length, 40_009, seed: i + 2000, phase: Phase(i, 1)),
            PeerStreams.ReceiveAsync(pair.Client, length, 10_007, seed: i + 3000, phase: Phase(i, 1)),
        }));
        foreach (RelayedPair pair in pairs)
        {
            await pair.CloseAsync();
        }

        output.WriteLine($"{host.Factory.Statistics}");
    }

    private static long Phase(int connection, int direction) => (connection * 2 + direction) * 131L;

    private static void ExchangeNoise(RelayedPair pair, CancellationToken stop)
    {
        byte[] noise = new byte[30_000];
        byte[] back = new byte[30_000];
        var random = new Random(9);
        random.NextBytes(noise);
        while (!stop.IsCancellationRequested)
        {
            int length = random.Next(1, noise.Length);
            SendAll(pair.Client, noise.AsSpan(0, length));
            for (int got = 0; got < length;)
            {
                got += pair.Server.Receive(back, got, length - got, SocketFlags.None);
            }

            Assert.True(noise.AsSpan(0, length).SequenceEqual(back.AsSpan(0, length)));
        }
    }

    private static Task Blocking(Action action) =>
        Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).WaitAsync(TimeSpan.FromMinutes(5));

    private static void Send(Socket socket, long length, int largest, int seed)
    {
        var random = new Random(seed);
        byte[] buffer = new byte[largest];
        for (long position = 0; position < length;)
        {
            int part = (int)Math.Min(length - position, random.Next(1, largest + 1));
            PeerStream.Fill(buffer.AsSpan(0, part), position);
            SendAll(socket, buffer.AsSpan(0, part));
            position += part;
        }
    }

    private static void Receive(Socket socket, long length, int largest, int seed)
    {
        var random = new Random(seed);
        byte[] buffer = new byte[largest];
        for (long position = 0; position < length;)
        {
            int received = socket.Receive(buffer, 0, (int)Math.Min(length - position, random.Next(1, largest + 1)), SocketFlags.None);
            if (received == 0)
            {
                Assert.Fail($"The stream ended at {position} of {length}.");
            }

            PeerStream.Check(buffer.AsSpan(0, received), position);
            position += received;
        }
    }

    private static void SendAll(Socket socket, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[socket.Send(bytes)..];
        }
    }
}
