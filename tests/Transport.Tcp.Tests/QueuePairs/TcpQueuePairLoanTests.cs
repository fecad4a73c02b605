using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Testing;

namespace Nvmf.Transport.Tcp.Tests.QueuePairs;

/// <summary>In-capsule data that stays where it was received.</summary>
public class TcpQueuePairLoanTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void In_capsule_data_of_IO_commands_is_borrowed_and_not_copied(byte digests)
    {
        using var loans = new PoisonedPool();
        using var session = new ControllerSession { Connection = { LendsFrom = loans } };
        session.Handshake(digests).Connect();
        Assert.Equal(0, session.Connection.Loans);
        byte[] data = new byte[4096];
        new Random(digests).NextBytes(data);
        BufferLease seen = default;
        session.Handler.Command = command =>
        {
            seen = command.InCapsuleData;
            Assert.Equal(data, seen.Span.ToArray());
            Assert.Equal(0, session.Pool.Statistics.RentedBlocks);
            command.Complete(ScriptedHandler.Completion(command));
        };
        Assert.Equal(0, Assert.Single(session.Send(Wire.Entry(Wire.Write, 3, 0x01, 4096), data)).Status);
        Assert.Equal(1, session.Connection.Loans);
        Assert.Throws<ObjectDisposedException>(() => seen.Span.Length);
        session.AssertEndsClean();
    }

    [Fact]
    public void A_command_that_stays_keeps_its_loan()
    {
        using var loans = new PoisonedPool();
        using var session = new ControllerSession { Connection = { LendsFrom = loans } };
        session.Handshake().Connect();
        byte[] data = [.. Enumerable.Range(0, 4096).Select(i => (byte)(i * 7))];
        QueuePairCommand? held = null;
        session.Handler.Command = command => held = command;
        Assert.Empty(session.Send(Wire.Entry(Wire.Write, 3, 0x01, 4096), data));
        Assert.Equal(data, held!.InCapsuleData.Span.ToArray());
        Assert.Equal(1, loans.Pool.Statistics.RentedBlocks);
        session.Connection.FeedEnd();
        held.Drop();
        Assert.Equal(0, loans.Pool.Statistics.RentedBlocks);
        session.AssertEndsClean();
    }

    [Fact]
    public void A_wrong_data_digest_gives_the_loan_back()
    {
        using var loans = new PoisonedPool();
        using var session = new ControllerSession { Connection = { LendsFrom = loans } };
        session.Handshake(digests: 2).Connect();
        byte[] write = Wire.CapsuleCmd(Wire.Entry(Wire.Write, 3, 0x01, 4096), new byte[4096], session.ToController);
        write[^1] ^= 1;
        session.Handler.Command = command => Assert.Fail("The transport's status comes first.");
        Assert.Equal(NvmeStatus.TransientTransportError, new NvmeStatus((ushort)Assert.Single(session.Feed(write)).Status));
        Assert.Equal(1, session.Connection.Loans);
        Assert.Equal(0, loans.Pool.Statistics.RentedBlocks);
        session.AssertEndsClean();
    }

    [Fact]
    public void A_command_that_comes_too_late_gives_the_loan_back()
    {
        using var loans = new PoisonedPool();
        using var session = new ControllerSession { Connection = { LendsFrom = loans } };
        session.Handshake().Connect();
        byte[] write = Wire.CapsuleCmd(Wire.Entry(Wire.Write, 3, 0x01, 4096), new byte[4096]);

        // Begun by another thread: its message to the loop is on its way.
        session.Connection.Lifecycle.BeginTeardown(TeardownCause.HostRemoved);
        session.Feed(write);
        Assert.Equal(0, loans.Pool.Statistics.RentedBlocks);
        session.AssertEndsClean(TeardownCause.HostRemoved);
    }

    [Fact]
    public void Admin_commands_borrow_nothing()
    {
        using var loans = new PoisonedPool();
        using var session = new ControllerSession { Connection = { LendsFrom = loans } };
        session.Handshake().Connect(qid: 0);
        Assert.Equal(0, Assert.Single(session.Send(Wire.Entry(Wire.Write, 1, 0x01, 4096), new byte[4096])).Status);
        Assert.Equal(0, session.Connection.Loans);
        session.AssertEndsClean();
    }

    [Fact]
    public void A_buffer_that_was_waited_for_is_used_for_what_waited()
    {
        using var loans = new PoisonedPool();
        using var pool = new BufferPool(new BufferPoolOptions { Poison = true, LimitInBytes = 4 << 20, ReserveInBytes = 2 << 20 });
        using var session = new ControllerSession(pool: pool);
        session.Handshake().Connect();
        List<BufferLease> hogs = [];
        while (pool.TryRent(16 << 10, BufferPriority.InputOutput, out BufferLease hog))
        {
            hogs.Add(hog);
        }

        byte[] write = Wire.CapsuleCmd(Wire.Entry(Wire.Write, 1, 0x01, 8192), [.. Enumerable.Repeat((byte)7, 8192)]);
        byte[] other = Wire.CapsuleCmd(Wire.Entry(Wire.Write, 2, 0x01, 512), new byte[512]);
        Assert.Empty(session.Feed(write, other));
        Assert.True(session.Connection.Paused);
        session.Connection.LendsFrom = loans;
        hogs.ForEach(lease => lease.Release());
        session.Connection.Run();
        Assert.Equal([1, 2], session.Take().Select(response => (int)response.ResponseCommandId));
        Assert.Equal(1, session.Connection.Loans);
        session.AssertEndsClean();
    }
}
