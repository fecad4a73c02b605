using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Transport.Tcp.Tests.QueuePairs;

public class TcpQueuePairBackPressureTests
{
    // One slab of 2 MiB for I/O, of which 16 KiB blocks are cut.
    private static BufferPool SmallPool() => new(new BufferPoolOptions { Poison = true, LimitInBytes = 4 << 20, ReserveInBytes = 2 << 20 });

    [Fact]
    public void An_exhausted_pool_pauses_receiving_until_it_is_our_turn()
    {
        using BufferPool pool = SmallPool();
        using var session = new ControllerSession(pool: pool);
        session.Handshake().Connect();
        List<BufferLease> hogs = Exhaust(pool);

        byte[] write = Wire.CapsuleCmd(Wire.Entry(Wire.Write, 1, 0x01, 8192), [.. Enumerable.Repeat((byte)7, 8192)]);
        Assert.Empty(session.Feed(write, Wire.CapsuleCmd(Wire.Entry(Wire.Flush, 2))));
        Assert.True(session.Connection.Paused);
        Assert.Equal(1, pool.Statistics.Waiters);
        Assert.Equal(1, session.QueuePair.Lifecycle.References.Events);

        hogs[0].Release();
        hogs.RemoveAt(0);
        session.Connection.Run();
        Assert.Equal([1, 2], session.Take().Select(response => (int)response.ResponseCommandId));
        Assert.False(session.Connection.Paused);
        Assert.Equal(7, session.Handler.Disk[8191]);
        Assert.Equal(0, session.QueuePair.Lifecycle.References.Events);
        hogs.ForEach(lease => lease.Release());
        session.AssertEndsClean();
    }

    [Fact]
    public void Admin_commands_use_the_reserve()
    {
        using BufferPool pool = SmallPool();
        using var session = new ControllerSession(pool: pool);
        List<BufferLease> hogs = Exhaust(pool);
        session.Handshake().Connect(qid: 0);
        Assert.Equal(0, Assert.Single(session.Send(Wire.Entry(Wire.Write, 1, 0x01, 4096), new byte[4096])).Status);
        hogs.ForEach(lease => lease.Release());
        session.AssertEndsClean();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_teardown_withdraws_from_the_queue_for_buffers(bool turnOnItsWay)
    {
        using BufferPool pool = SmallPool();
        using var session = new ControllerSession(pool: pool);
        session.Handshake().Connect();
        List<BufferLease> hogs = Exhaust(pool);
        session.Send(Wire.Entry(Wire.Write, 1, 0x01, 8192), new byte[8192]);
        if (turnOnItsWay)
        {
            // The turn is posted behind the teardown.
            session.QueuePair.Close(TeardownCause.ListenerRemoved);
            hogs[0].Release();
            hogs.RemoveAt(0);
        }
        else
        {
            // Nobody needs to release anything for the end to come.
            session.QueuePair.Close(TeardownCause.ListenerRemoved);
            session.Connection.Run();
            Assert.True(session.QueuePair.Lifecycle.Completion.IsCompleted);
        }

        session.Connection.Run();
        hogs.ForEach(lease => lease.Release());
        session.AssertEndsClean(TeardownCause.ListenerRemoved);
        Assert.Single(session.Handler.Arrived);
    }

    [Fact]
    public void A_host_that_does_not_read_can_send_no_more_commands_than_the_queue_has_entries()
    {
        using var session = new ControllerSession();
        session.Handshake().Connect(sqsize: 15);
        session.Connection.WindowClosed = true;
        for (ushort cid = 0; cid < 16; cid++)
        {
            session.Send(Wire.Entry(Wire.Flush, cid));
        }

        Assert.Equal(TeardownCause.None, session.QueuePair.Lifecycle.Cause);
        Assert.Equal(16 * 24, session.Connection.UnsentBytes);
        session.Send(Wire.Entry(Wire.Flush, 16));
        Assert.Equal(17, session.Handler.Arrived.Count);
        session.AssertEndsClean(TeardownCause.ProtocolError);
    }

    [Fact]
    public void Responses_that_left_do_not_count()
    {
        using var session = new ControllerSession();
        session.Handshake().Connect(sqsize: 15);
        for (int round = 0; round < 10; round++)
        {
            session.Connection.WindowClosed = true;
            for (ushort cid = 0; cid < 16; cid++)
            {
                session.Send(Wire.Entry(cid % 2 == 0 ? Wire.Flush : Wire.Read, cid, length: cid % 2 == 0 ? 0 : 4096u));
            }

            session.Connection.WindowClosed = false;
            session.Connection.Run();
            Assert.Equal(16 + 8, session.Take().Count);
        }

        session.AssertEndsClean();
    }

    private static List<BufferLease> Exhaust(BufferPool pool)
    {
        var leases = new List<BufferLease>();
        while (pool.TryRent(16384, BufferPriority.InputOutput, out BufferLease lease))
        {
            leases.Add(lease);
        }

        Assert.NotEmpty(leases);
        return leases;
    }
}
