using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Testing;

namespace Nvmf.Transport.Tcp.Tests.QueuePairs;

public class TcpQueuePairTeardownTests
{
    public enum Moment
    {
        BeforeICReq,
        BeforeConnect,
        Idle,
        CommandAtBackEnd,
        InCapsuleDataHalfReceived,
        InCapsuleDataHalfInItsBuffer,
        R2TOut,
        HostDataHalfReceived,
        HostDataDigestMissing,
        SkippingData,
        ReadNotProven,
        ReadNotAccepted,
    }

    public static TheoryData<Moment, TeardownCause> All()
    {
        var data = new TheoryData<Moment, TeardownCause>();
        foreach (Moment moment in Enum.GetValues<Moment>())
        {
            foreach (TeardownCause cause in Enum.GetValues<TeardownCause>().Where(cause => cause != TeardownCause.None))
            {
                data.Add(moment, cause);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Nothing_is_left_whenever_and_whyever_it_ends(Moment moment, TeardownCause cause)
    {
        using var session = new ControllerSession(RecordedSession.Options);
        Reach(session, moment);
        switch (cause)
        {
            case TeardownCause.HostClosed:
                session.Connection.FeedEnd();
                break;
            case TeardownCause.ConnectionReset:
                session.Connection.FeedEnd(new IOException("reset"));
                break;
            default:
                session.QueuePair.Close(cause);
                session.Connection.Run();
                break;
        }

        // Whatever still comes is swallowed.
        session.Connection.Feed(Wire.CapsuleCmd(Wire.Entry(Wire.Flush, 200)));
        int arrived = session.Handler.Arrived.Count;
        session.Connection.Feed(new byte[100]);
        Assert.Equal(arrived, session.Handler.Arrived.Count);
        Assert.DoesNotContain((ushort)200, session.Handler.Arrived);
        Assert.Equal(cause, session.Handler.Quiesced);
        session.AssertEndsClean(cause);
    }

    [Fact]
    public void A_command_that_finishes_while_quiescing_is_still_answered()
    {
        using var session = new ControllerSession();
        session.Handshake().Connect();
        QueuePairCommand? late = null;
        session.Handler.Command = command => late = command;
        session.Send(Wire.Entry(Wire.Read, 5, 0x5A, 512));
        session.QueuePair.Close(TeardownCause.ListenerRemoved);
        session.Connection.Run();
        Assert.Equal(QueuePairState.Quiescing, session.QueuePair.Lifecycle.State);

        late!.CompleteWithData(ScriptedHandler.Completion(late), session.Handler.Rent(512));
        session.Connection.Run();
        Assert.Equal([7, 5], session.Take().Select(pdu => (int)pdu.Type));
        session.AssertEndsClean(TeardownCause.ListenerRemoved);
    }

    [Fact]
    public void A_command_that_finishes_after_its_deadline_only_gives_back_what_it_holds()
    {
        var clock = new ManualTimeProvider();
        using var session = new ControllerSession(timeProvider: clock);
        session.Handshake().Connect();
        QueuePairCommand? late = null;
        BufferLease kept = default;
        session.Handler.Command = command =>
        {
            late = command;
            kept = command.InCapsuleData.Retain();
        };
        session.Send(Wire.Entry(Wire.Write, 5, 0x01, 512), new byte[512]);
        session.QueuePair.Close(TeardownCause.ListenerRemoved);
        session.Connection.Run();
        clock.Advance(TimeSpan.FromMinutes(1));
        session.Connection.Run();
        Assert.True(session.QueuePair.Lifecycle.Completion.IsCompleted);
        Assert.Equal(1, session.Handler.Report!.AbandonedCommands);

        // The slot's reference went with the queue pair; that of a back end which still reads did not.
        Assert.False(kept.IsShared);
        late!.Complete(ScriptedHandler.Completion(late));
        Assert.Equal(0, session.Connection.UnsentBytes);
        Assert.Equal(1, session.Pool.Statistics.RentedBlocks);
        kept.Release();
        Assert.Equal(0, session.Pool.Statistics.RentedBlocks);
    }

    [Fact]
    public void A_transfer_begun_too_late_fails_instead_of_waiting_for_ever()
    {
        using var session = new ControllerSession();
        session.Handshake().Connect();
        QueuePairCommand? late = null;
        session.Handler.Command = command => late = command;
        session.Send(Wire.Entry(Wire.Write, 5, 0x5A, 512));
        session.QueuePair.Close(TeardownCause.ListenerRemoved);
        session.Connection.Run();

        session.Handler.Fetch(late!);
        Assert.Empty(session.Handler.Received);
        session.Connection.Run();
        (QueuePairCommand command, NvmeStatus status) = Assert.Single(session.Handler.Received);
        Assert.Same(late, command);
        Assert.Equal(NvmeStatus.AbortedSqDeletion, status);
        session.AssertEndsClean(TeardownCause.ListenerRemoved);
    }

    [Fact]
    public void After_a_termination_request_no_PDU_follows()
    {
        using var session = new ControllerSession();
        session.Handshake().Connect();
        QueuePairCommand? late = null;
        session.Handler.Command = command => late = command;
        session.Send(Wire.Entry(Wire.Flush, 5));
        Assert.Equal(3, Assert.Single(session.Feed(Wire.ICReq())).Type);
        late!.Complete(ScriptedHandler.Completion(late));
        session.Connection.Run();
        Assert.Empty(session.Take());
        session.AssertEndsClean(TeardownCause.ProtocolError);
    }

    [Fact]
    public void An_exception_of_the_handler_ends_the_queue_pair_alone()
    {
        using var session = new ControllerSession();
        session.Handshake().Connect();
        session.Handler.Command = command =>
        {
            command.Drop();
            throw new InvalidOperationException("broken");
        };
        session.Send(Wire.Entry(Wire.Flush, 5));
        session.AssertEndsClean(TeardownCause.InternalError);
        Assert.Equal("broken", session.Handler.Report!.Error!.Message);
    }

    [Fact]
    public void A_stale_destination_is_not_written_to()
    {
        using var session = new ControllerSession();
        Reach(session, Moment.HostDataHalfReceived);
        session.QueuePair.Close(TeardownCause.KeepAliveExpired);
        session.Connection.Run();

        // The handler has given the buffer back; the connection, in the middle of it, holds the last reference, and the rest of the data still arrives.
        session.Connection.Feed(new byte[1 << 20]);
        session.AssertEndsClean(TeardownCause.KeepAliveExpired);
    }

    private static void Reach(ControllerSession session, Moment moment)
    {
        if (moment == Moment.BeforeICReq)
        {
            session.Connection.Feed(Wire.ICReq().AsSpan()[..77]);
            return;
        }

        session.Handshake(digests: (byte)(moment == Moment.HostDataDigestMissing ? 2 : 0));
        if (moment == Moment.BeforeConnect)
        {
            return;
        }

        session.Connect();
        const int Size = 1 << 20;
        switch (moment)
        {
            case Moment.CommandAtBackEnd:
                session.Handler.Command = session.Handler.Held.Add;
                session.Send(Wire.Entry(Wire.Write, 5, 0x01, 512), new byte[512]);
                break;
            case Moment.InCapsuleDataHalfReceived:
                session.Connection.Feed(Wire.CapsuleCmd(Wire.Entry(Wire.Write, 5, 0x01, 16384), new byte[16384]).AsSpan()[..5000]);
                break;
            case Moment.InCapsuleDataHalfInItsBuffer:
                session.Connection.Feed(Wire.CapsuleCmd(Wire.Entry(Wire.Write, 5, 0x01, 32768), new byte[32768]).AsSpan(0, 20_000));
                Assert.True(session.Connection.ReceivingInto);
                break;
            case Moment.R2TOut:
                session.Send(Wire.Entry(Wire.Write, 5, 0x5A, Size));
                break;
            case Moment.HostDataHalfReceived:
            case Moment.HostDataDigestMissing:
                Sent r2t = Assert.Single(session.Send(Wire.Entry(Wire.Write, 5, 0x5A, Size)));
                byte[] data = Wire.H2CData(5, r2t.TransferTag, 0, new byte[Size], framing: session.ToController);
                session.Connection.Feed(data.AsSpan(0, moment == Moment.HostDataHalfReceived ? 300_000 : data.Length - 2));
                break;
            case Moment.SkippingData:
                session.Connection.Feed(Wire.CapsuleCmd(Wire.Entry(Wire.Write, 5, 0x01, 1), new byte[100_000]).AsSpan()[..50_000]);
                break;
            case Moment.ReadNotProven:
                session.Connection.HoldProof = true;
                session.Send(Wire.Entry(Wire.Read, 5, 0x5A, 65536));
                Assert.Equal(1, session.QueuePair.Lifecycle.References.Transmissions);
                break;
            case Moment.ReadNotAccepted:
                session.Connection.WindowClosed = true;
                session.Send(Wire.Entry(Wire.Read, 5, 0x5A, 65536));
                break;
        }
    }
}
