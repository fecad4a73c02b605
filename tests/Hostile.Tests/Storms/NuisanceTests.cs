using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Hostile.Tests.Client;
using Nvmf.Transport.Tcp;
using Nvmf.Transport.Tcp.QueuePairs;
using Nvmf.Transport.Tcp.Tests.QueuePairs;
using Xunit.Abstractions;

namespace Nvmf.Hostile.Tests.Storms;

/// <summary>Connections that are not what they should be, and what a healthy host beside them notices: nothing.</summary>
public class NuisanceTests(ITestOutputHelper output)
{
    private const int MaxPending = 128;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestRead = TimeSpan.FromSeconds(10);

    public static TheoryData<string> Greetings() => ["http", "tls", "ssh", "zeroes", "ones", "random"];

    [SkippableFact]
    public void A_thousand_connections_that_say_nothing_are_capped_and_timed_out()
    {
        using SocketWorld world = Create();
        var healthy = new HealthyHost(world);
        var gauges = new ProcessGauges();
        List<Socket> silent = [.. Enumerable.Range(0, 1000).Select(_ => Connect(world))];

        // The cap holds, and a host that means it gets in all the same.
        using (HostileSession host = new HostileSession(world, world.Open(), new Random(3)).Reach(Stage.Ready))
        {
            host.End();
        }

        Assert.True(SpinWait.SpinUntil(() => world.PendingConnections <= MaxPending, Limit), $"{world.PendingConnections} are pending.");
        foreach (Socket socket in silent)
        {
            AssertClosed(socket);
        }

        Finish(world, healthy, gauges);
    }

    [SkippableFact]
    public void Senders_of_one_byte_at_a_time_are_timed_out_at_each_step()
    {
        using SocketWorld world = Create();
        var healthy = new HealthyHost(world);
        var gauges = new ProcessGauges();
        var slow = new List<(Socket Socket, byte[] Bytes)>();
        for (int i = 0; i < 30; i++)
        {
            slow.Add((Connect(world), Wire.ICReq()));
            Socket handshaken = Connect(world);
            handshaken.Send(Wire.ICReq());
            slow.Add((handshaken, Wire.CapsuleCmd(Wire.ConnectEntry(1), HostileSession.ConnectData())));
        }

        for (int sent = 0; sent < 100; sent++)
        {
            foreach ((Socket socket, byte[] bytes) in slow)
            {
                Drip(socket, bytes[sent]);
            }

            Thread.Sleep(30);
        }

        foreach ((Socket socket, _) in slow)
        {
            AssertClosed(socket);
        }

        Finish(world, healthy, gauges);
    }

    [SkippableFact]
    public void A_write_whose_data_comes_one_byte_at_a_time_is_timed_out()
    {
        using SocketWorld world = Create();
        var healthy = new HealthyHost(world);
        var gauges = new ProcessGauges();
        using (HostileSession session = new HostileSession(world, world.Open(), new Random(4)).Reach(Stage.Transfer, healthy.ControllerId, 2))
        {
            byte[] data = session.HostData((int)session.Transferred, 8192, last: false);
            long start = Stopwatch.GetTimestamp();
            for (int sent = 0; world.Target.QueuePairs.Count > HealthyHost.QueuePairs && Stopwatch.GetElapsedTime(start) < Limit; sent++)
            {
                Assert.True(sent < data.Length, "All of the data was taken, slow as it was.");
                session.SendSlowly(data[sent]);
                Thread.Sleep(20);
            }

            Assert.Equal(HealthyHost.QueuePairs, world.Target.QueuePairs.Count);
        }

        Finish(world, healthy, gauges);
    }

    /// <summary>Each byte is a whole PDU, so the host is never silent: only the time of the transfer ends it.</summary>
    [SkippableFact]
    public void A_write_of_one_byte_per_pdu_is_ended_by_the_time_of_the_transfer()
    {
        using SocketWorld world = Create(options => options.HostTransferTimeout = TimeSpan.FromSeconds(3));
        var healthy = new HealthyHost(world);
        var gauges = new ProcessGauges();
        using (HostileSession session = new HostileSession(world, world.Open(), new Random(5)).Reach(Stage.Transfer, healthy.ControllerId, 2))
        {
            long start = Stopwatch.GetTimestamp();
            for (int offset = (int)session.Transferred; world.Ends.IsEmpty && Stopwatch.GetElapsedTime(start) < Limit; offset++)
            {
                Assert.True(offset < HostileSession.TransferLength - 1, "All of the data was taken, slow as it was.");
                session.Send(session.HostData(offset, 1, last: false));
                Thread.Sleep(5);
            }

            // NVMe/TCP has no status for a host that is slow: the answer is a FIN, no completion, no termination request.
            Assert.True(world.Ends.TryDequeue(out DrainReport? end), "Nothing ended it.");
            Assert.Equal((TeardownCause.TimedOut, 0L), (end.Cause, end.QuarantinedBytes));
            Assert.Equal("The host was asked for data and sent it too slowly.", Assert.IsType<TimeoutException>(end.Error).Message);
            Assert.Null(session.Receive());
        }

        Finish(world, healthy, gauges);
    }

    /// <summary>Queues full of large commands, whose data never comes or is never taken: more memory than there is.</summary>
    [SkippableTheory]
    [InlineData(Wire.Write)]
    [InlineData(Wire.Read)]
    public void Hosts_that_hold_on_to_memory_leave_the_others_theirs(byte opcode)
    {
        using SocketWorld world = Create(options => options.HostDataTimeout = TimeSpan.FromMinutes(5), ZeroCopyMode.Always);
        var healthy = new HealthyHost(world);
        var gauges = new ProcessGauges();
        var greedy = new List<HostileSession>();
        for (ushort queue = 2; queue < 34; queue++)
        {
            HostileSession session = new HostileSession(world, new SocketWire(world.EndPoint, receiveBuffer: 4096), new Random(queue)).Reach(Stage.InputOutput, healthy.ControllerId, queue);
            greedy.Add(session);
            for (int i = 0; i < 15; i++)
            {
                session.Send(session.Capsule(HostileSession.Blocks(opcode, session.NextCommandId(), 0, World.MaxDataTransferSize / World.BlockSize)));
            }
        }

        Assert.True(SpinWait.SpinUntil(() => world.Pool.Statistics.Waiters > 100, Limit), $"Only {world.Pool.Statistics} was taken.");
        int reads = healthy.Reads;
        Assert.True(SpinWait.SpinUntil(() => healthy.Reads > reads + 100, Limit), $"{healthy.Reads - reads} reads with {world.Pool.Statistics}.");
        greedy.ForEach(session => session.Dispose());
        Finish(world, healthy, gauges);
    }

    [SkippableTheory]
    [MemberData(nameof(Greetings))]
    public void Port_scanners_are_turned_away(string kind)
    {
        using SocketWorld world = Create();
        var healthy = new HealthyHost(world);
        var gauges = new ProcessGauges();
        for (int i = 0; i < 100; i++)
        {
            Socket scanner = Connect(world);
            scanner.Send(Greeting(kind, i));
            AssertClosed(scanner);
        }

        Finish(world, healthy, gauges);
    }

    private static SocketWorld Create(Action<TcpQueuePairOptions>? configure = null, ZeroCopyMode? zeroCopy = null)
    {
        Skip.IfNot(TcpTransportFactory.IsSupported, TcpTransportFactory.NotSupportedReason);
        return new SocketWorld(zeroCopy ?? ZeroCopyMode.Auto, options =>
        {
            options.MaxPendingConnections = MaxPending;

            // Short, but not so short that a healthy host on a machine that stalls would run into them.
            options.HandshakeTimeout = TimeSpan.FromSeconds(2);
            options.ConnectTimeout = TimeSpan.FromSeconds(2.5);
            options.HostDataTimeout = TimeSpan.FromSeconds(1.5);
            configure?.Invoke(options);
        });
    }

    private void Finish(SocketWorld world, HealthyHost healthy, ProcessGauges gauges)
    {
        healthy.Stop(LongestRead);
        output.WriteLine($"Beside it {healthy.Reads} reads, the longest {healthy.Longest.TotalMilliseconds:F0} ms; {gauges.Change()}");
        gauges.AssertFlat(world, queuePairs: 0);
    }

    private static byte[] Greeting(string kind, int seed) => kind switch
    {
        "http" => Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: storage\r\nUser-Agent: scanner\r\n\r\n"),
        "tls" => [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xFC, 0x03, 0x03, .. HostileSession.Text(500, new Random(seed))],
        "ssh" => Encoding.ASCII.GetBytes("SSH-2.0-OpenSSH_9.6\r\n"),
        "zeroes" => new byte[256],
        "ones" => [.. Enumerable.Repeat((byte)0xFF, 256)],
        _ => HostileSession.Text(new Random(seed).Next(1, 2000), new Random(seed)),
    };

    private static Socket Connect(SocketWorld world)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = (int)Limit.TotalMilliseconds };
        socket.Connect(world.EndPoint);
        return socket;
    }

    private static void Drip(Socket socket, byte value)
    {
        try
        {
            socket.Send([value]);
        }
        catch (SocketException)
        {
            // Timed out already.
        }
    }

    /// <summary>The target ends the connection by itself, with a termination request or without.</summary>
    private static void AssertClosed(Socket socket)
    {
        try
        {
            byte[] scratch = new byte[4096];
            while (socket.Receive(scratch) > 0)
            {
            }
        }
        catch (SocketException exception)
        {
            Assert.NotEqual(SocketError.TimedOut, exception.SocketErrorCode);
            Assert.NotEqual(SocketError.WouldBlock, exception.SocketErrorCode);
        }

        socket.Dispose();
    }
}
