using System.Diagnostics;
using Nvmf.Hostile.Tests.Client;
using Nvmf.Transport.Tcp;
using Nvmf.Transport.Tcp.Tests.QueuePairs;
using Xunit.Abstractions;

namespace Nvmf.Hostile.Tests.Storms;

/// <summary>Hosts that come and die, thousands of them, at each step of the protocol.</summary>
public class StormTests(ITestOutputHelper output)
{
    private const int Storm = 10_000;
    private const int Workers = 4;
    private static readonly KillPoint[] Points = Enum.GetValues<KillPoint>();

    [SkippableFact]
    public void Ten_thousand_hosts_that_die_leave_nothing_behind()
    {
        Skip.IfNot(TcpTransportFactory.IsSupported, TcpTransportFactory.NotSupportedReason);
        using var world = new SocketWorld(ZeroCopyMode.Always);
        var healthy = new HealthyHost(world);
        Blow(world, healthy.ControllerId, 0, 500);
        Assert.True(SpinWait.SpinUntil(() => world.Target.QueuePairs.Count == HealthyHost.QueuePairs, TimeSpan.FromSeconds(30)));
        var gauges = new ProcessGauges();
        long start = Stopwatch.GetTimestamp();
        Blow(world, healthy.ControllerId, 500, Storm);
        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
        healthy.Stop(TimeSpan.FromSeconds(10));
        output.WriteLine($"{Storm} hosts in {elapsed.TotalSeconds:F1} s; beside them {healthy.Reads} reads, the longest {healthy.Longest.TotalMilliseconds:F0} ms; {gauges.Change()}");
        gauges.AssertFlat(world, queuePairs: 0);
    }

    private static void Blow(SocketWorld world, ushort controllerId, int from, int to)
    {
        int next = from - 1;
        Exception? error = null;
        Thread[] threads = [.. Enumerable.Range(0, Workers).Select(worker => new Thread(() =>
        {
            for (int number; error is null && (number = Interlocked.Increment(ref next)) < to;)
            {
                KillPoint point = Points[number % Points.Length];
                try
                {
                    // Each worker has queue identifiers of its own.
                    LiveAndDie(world, point, number, controllerId, (ushort)(2 + (worker * 14) + (number / Points.Length % 14)));
                }
                catch (Exception exception)
                {
                    error = new HostileException($"Host {number}, {point}: {exception}");
                }
            }
        }))];
        foreach (Thread thread in threads)
        {
            thread.Start();
        }

        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        if (error is not null)
        {
            throw error;
        }
    }

    private static void LiveAndDie(SocketWorld world, KillPoint point, int number, ushort controllerId, ushort queueId)
    {
        var random = new Random(number);
        var wire = new SocketWire(world.EndPoint);
        var session = new HostileSession(world, wire, random);
        switch (point)
        {
            case KillPoint.HalfICReq:
                wire.Send(Wire.ICReq().AsSpan(0, random.Next(1, 128)));
                break;
            case KillPoint.ICReqSent:
                wire.Send(Wire.ICReq());
                break;
            case KillPoint.ICRespRead:
                session.Reach(Stage.Handshaken);
                break;
            case KillPoint.HalfConnect or KillPoint.ConnectSent:
                session.Reach(Stage.Handshaken);
                byte[] connect = session.Capsule(Wire.ConnectEntry(1), HostileSession.ConnectData());
                wire.Send(connect.AsSpan(0, point == KillPoint.HalfConnect ? random.Next(1, connect.Length) : connect.Length));
                break;
            case KillPoint.AdminConnected:
                session.Reach(Stage.Connected);
                break;
            case KillPoint.EnableSent:
                session.Reach(Stage.Connected);
                wire.Send(session.Capsule(HostileSession.Property(session.NextCommandId(), set: true, 0x14, 0x460001)));
                break;
            case KillPoint.Ready or KillPoint.EventRequestsOutstanding:
                session.Reach(Stage.Ready);
                for (int i = 0; i < 4 && point == KillPoint.EventRequestsOutstanding; i++)
                {
                    wire.Send(session.Capsule(Wire.Entry(0x0C, session.NextCommandId(), nsid: 0)));
                }

                break;
            case KillPoint.HalfInputOutputConnect:
                session.Reach(Stage.Handshaken);
                byte[] half = session.Capsule(Wire.ConnectEntry(1, queueId), HostileSession.ConnectData(controller: controllerId));
                wire.Send(half.AsSpan(0, random.Next(1, half.Length)));
                break;
            case KillPoint.InputOutputConnected:
                session.Reach(Stage.InputOutput, controllerId, queueId);
                break;
            case KillPoint.ReadyToTransfer:
                session.Reach(Stage.Transfer, controllerId, queueId);
                break;
            case KillPoint.HalfData:
                session.Reach(Stage.Transfer, controllerId, queueId);
                byte[] data = session.HostData((int)session.Transferred, 8192, last: false);
                wire.Send(data.AsSpan(0, random.Next(1, data.Length)));
                break;
            case KillPoint.ReadsUnread or KillPoint.WritesUnread:
                session.Reach(Stage.InputOutput, controllerId, queueId);
                for (int i = 0; i < 15; i++)
                {
                    wire.Send(session.Capsule(HostileSession.Blocks(point == KillPoint.ReadsUnread ? Wire.Read : Wire.Write, session.NextCommandId(), 0, 64)));
                }

                break;
        }

        // A FIN now and then; a RST leaves no TIME_WAIT that would use up the ports.
        if (number % 16 == 0)
        {
            wire.Dispose();
        }
        else
        {
            wire.Kill();
        }
    }
}
