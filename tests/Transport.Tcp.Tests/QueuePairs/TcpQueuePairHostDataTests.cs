using Nvmf.Abstractions.Lifecycle;
using Nvmf.Testing;
using Nvmf.Transport.Tcp.Pdu;
using Nvmf.Transport.Tcp.QueuePairs;

namespace Nvmf.Transport.Tcp.Tests.QueuePairs;

/// <summary>R2T and H2CData: every rule, and what breaking it gives.</summary>
public class TcpQueuePairHostDataTests
{
    private const int Length = 65536;
    private const int Max = 32768;

    private static readonly PduFraming Digests = new(true, true, 4);

    // Bytes already sent by good PDUs, then one bad PDU made of the R2T's tag.
    public static TheoryData<string, int, ushort, uint> Faults => new()
    {
        { "tag of nobody", 0, 1, 10 },
        { "tag of an earlier transfer", 0, 1, 10 },
        { "command identifier of another", 0, 1, 8 },
        { "longer than MAXH2CDATA", 0, 5, 0 },
        { "DATAL larger than the PDU", 0, 1, 16 },
        { "DATAL smaller than the PDU", 0, 1, 16 },
        { "DATAL 0", 0, 1, 16 },
        { "no data at all", 0, 1, 16 },
        { "beyond the end", Max, 4, 0 },
        { "beyond 32 bits", 0, 4, 0 },
        { "a gap", 0, 2, 0 },
        { "the same again", Max, 2, 0 },
        { "LAST too early", 0, 2, 0 },
        { "LAST missing", Max, 2, 0 },
        { "after the end", Length, 1, 10 },
        { "HLEN", 0, 1, 2 },
        { "PDO", 0, 1, 3 },
        { "PLEN", 0, 1, 4 },
        { "SUCCESS flag", 0, 1, 1 },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void Faults_end_the_connection(string what, int before, ushort fes, uint fei)
    {
        using var session = new ControllerSession(new TcpQueuePairOptions { MaxHostToControllerData = Max });
        session.Handshake().Connect();
        ushort earlier = Request(session, 4).TransferTag;
        session.Feed(Wire.H2CData(4, earlier, 0, new byte[Max], last: false), Wire.H2CData(4, earlier, Max, new byte[Length - Max]));
        Sent r2t = Request(session, 5);
        ushort tag = r2t.TransferTag;
        for (int offset = 0; offset < before; offset += Max)
        {
            session.Feed(Wire.H2CData(5, tag, (uint)offset, new byte[Max], last: offset + Max == Length));
        }

        byte[] small = new byte[512], max = new byte[Max];
        byte[] pdu = what switch
        {
            "tag of nobody" => Wire.H2CData(5, (ushort)(tag + 1), 0, small, last: false),
            "tag of an earlier transfer" => Wire.H2CData(5, earlier, 0, small, last: false),
            "command identifier of another" => Wire.H2CData(6, tag, 0, small, last: false),
            "longer than MAXH2CDATA" => Wire.H2CData(5, tag, 0, new byte[Max + 4], last: false),
            "DATAL larger than the PDU" => Wire.H2CData(5, tag, 0, small, last: false, length: 516),
            "DATAL smaller than the PDU" => Wire.H2CData(5, tag, 0, small, last: false, length: 508),
            "DATAL 0" => Wire.H2CData(5, tag, 0, small, last: false, length: 0),
            "no data at all" => Wire.H2CData(5, tag, 0, [], last: false),
            "beyond the end" => Wire.H2CData(5, tag, Length - 256, small),
            "beyond 32 bits" => Wire.H2CData(5, tag, uint.MaxValue - 255, small),
            "a gap" => Wire.H2CData(5, tag, 512, small, last: false),
            "the same again" => Wire.H2CData(5, tag, 0, max, last: false),
            "LAST too early" => Wire.H2CData(5, tag, 0, small, last: true),
            "LAST missing" => Wire.H2CData(5, tag, Max, max, last: false),
            "after the end" => Wire.H2CData(5, tag, 0, small, last: false),
            "HLEN" => Patch(Wire.H2CData(5, tag, 0, small, last: false), 2, 72),
            "PDO" => Patch(Wire.H2CData(5, tag, 0, small, last: false), 3, 26),
            "PLEN" => Patch(Patch(Wire.H2CData(5, tag, 0, small, last: false), 4, 20), 5, 0),
            _ => Patch(Wire.H2CData(5, tag, 0, small, last: false), 1, 8),
        };

        // The verdict does not wait for the data.
        Sent termination = Assert.Single(session.Feed(pdu[..24]));
        Assert.Equal((3, fes, fei), (termination.Type, termination.FatalErrorStatus, termination.FatalErrorInformation));
        Assert.Equal(pdu[..termination.ErrorHeader.Length], termination.ErrorHeader);

        // Nothing is listened to any more.
        Assert.Empty(session.Send(Wire.Entry(Wire.Flush, 77)));
        session.AssertEndsClean(TeardownCause.ProtocolError);
    }

    [Fact]
    public void Transfers_of_several_commands_may_be_interleaved()
    {
        using var session = new ControllerSession(new TcpQueuePairOptions { MaxHostToControllerData = Max });
        session.Handshake().Connect();
        byte[] first = Pattern(Length, 1), second = Pattern(Length, 2);
        Sent r2tOne = Request(session, 5, lba: 0), r2tTwo = Request(session, 6, lba: 128);
        Assert.NotEqual(r2tOne.TransferTag, r2tTwo.TransferTag);
        Assert.Empty(session.Feed(Wire.H2CData(5, r2tOne.TransferTag, 0, first.AsSpan(0, Max), last: false)));
        Assert.Empty(session.Feed(Wire.H2CData(6, r2tTwo.TransferTag, 0, second.AsSpan(0, Max), last: false)));
        Assert.Equal(6, Assert.Single(session.Feed(Wire.H2CData(6, r2tTwo.TransferTag, Max, second.AsSpan(Max)))).ResponseCommandId);
        Assert.Equal(5, Assert.Single(session.Feed(Wire.H2CData(5, r2tOne.TransferTag, Max, first.AsSpan(Max)))).ResponseCommandId);
        Assert.Equal(first, session.Handler.Disk[..Length]);
        Assert.Equal(second, session.Handler.Disk[Length..(2 * Length)]);
        session.AssertEndsClean();
    }

    [Theory]
    [InlineData(512)]
    [InlineData(65536)]
    public void A_data_digest_error_fails_the_command_alone(int size)
    {
        using var session = new ControllerSession(new TcpQueuePairOptions { InCapsuleDataSize = 0 });
        session.Handshake(digests: 3).Connect();
        foreach (int part in new[] { 0, 1 })
        {
            Sent r2t = Assert.Single(session.Send(Wire.Entry(Wire.Write, 5, 0x5A, (uint)size)));
            byte[] one = Wire.H2CData(5, r2t.TransferTag, 0, new byte[size / 2], last: false, Digests);
            byte[] two = Wire.H2CData(5, r2t.TransferTag, (uint)size / 2, new byte[size / 2], last: true, Digests);
            (part == 0 ? one : two)[^5] ^= 1;
            Sent response = Assert.Single(session.Feed(one, two));
            Assert.Equal((5, 0x22), (response.ResponseCommandId, response.Status & 0x7FF));
        }

        Sent read = session.Send(Wire.Entry(Wire.Read, 6, 0x5A, 512))[0];
        Assert.Equal(new byte[512], read.Data);
        session.AssertEndsClean();
    }

    [Theory]
    [InlineData(512)]
    [InlineData(32768)]
    public void A_data_digest_error_in_the_capsule_fails_the_command_alone(int size)
    {
        using var session = new ControllerSession(new TcpQueuePairOptions { InCapsuleDataSize = 32768 });
        session.Handshake(digests: 2).Connect();
        byte[] pdu = Wire.CapsuleCmd(Wire.Entry(Wire.Write, 5, 0x01, (uint)size), new byte[size], session.ToController);
        pdu[^1] ^= 0x80;
        Sent response = Assert.Single(session.Feed(pdu));
        Assert.Equal((5, 0x22), (response.ResponseCommandId, response.Status & 0x7FF));
        Assert.Equal(0, Assert.Single(session.Send(Wire.Entry(Wire.Flush, 5))).Status);
        session.AssertEndsClean();
    }

    [Fact]
    public void A_header_digest_error_ends_the_connection_with_the_digest_received()
    {
        using var session = new ControllerSession();
        session.Handshake(digests: 1).Connect();
        byte[] pdu = Wire.CapsuleCmd(Wire.Entry(Wire.Flush, 5), default, session.ToController);
        pdu[50] ^= 4;
        Sent termination = Assert.Single(session.Feed(pdu));
        Assert.Equal((3, 3), (termination.Type, termination.FatalErrorStatus));
        Assert.Equal(BitConverter.ToUInt32(pdu, 72), termination.FatalErrorInformation);
        Assert.Equal(pdu[..72], termination.ErrorHeader);
        session.AssertEndsClean(TeardownCause.DigestError);
    }

    [Fact]
    public void Large_data_goes_straight_into_the_buffer()
    {
        using var session = new ControllerSession();
        session.Handshake().Connect();
        Sent r2t = Assert.Single(session.Send(Wire.Entry(Wire.Write, 5, 0x5A, 1 << 20)));
        byte[] data = Pattern(1 << 20, 3);
        byte[] pdu = Wire.H2CData(5, r2t.TransferTag, 0, data);
        session.Feed(pdu[..1000]);
        Assert.True(session.Connection.ReceivingInto);
        Assert.Equal(0, Assert.Single(session.Feed(pdu[1000..])).Status);
        Assert.Equal(1, session.Connection.ReceiveIntoCalls);
        Assert.Equal(data, session.Handler.Disk[..(1 << 20)]);
        session.AssertEndsClean();
    }

    [Fact]
    public void A_host_that_keeps_its_data_to_itself_is_left()
    {
        var clock = new ManualTimeProvider();
        using var session = new ControllerSession(new TcpQueuePairOptions { MaxHostToControllerData = Max }, timeProvider: clock);
        session.Handshake().Connect();
        Sent r2t = Request(session, 5);

        // Slow is not silent.
        clock.Advance(TimeSpan.FromSeconds(29));
        session.Feed(Wire.H2CData(5, r2t.TransferTag, 0, new byte[Max], last: false));
        clock.Advance(TimeSpan.FromSeconds(30));
        session.Connection.Run();
        Assert.Equal(TeardownCause.None, session.QueuePair.Lifecycle.Cause);
        clock.Advance(TimeSpan.FromSeconds(31));
        session.Connection.Run();
        session.AssertEndsClean(TeardownCause.TimedOut);
        Assert.Equal(0, clock.ActiveTimers);
    }

    [Fact]
    public void A_transfer_that_trickles_ends_the_queue_pair()
    {
        var clock = new ManualTimeProvider();
        var options = new TcpQueuePairOptions
        {
            MaxHostToControllerData = Length,
            HostDataTimeout = TimeSpan.FromSeconds(30),
            HostTransferTimeout = TimeSpan.FromSeconds(90),
        };
        using var session = new ControllerSession(options, timeProvider: clock);
        session.Handshake().Connect();
        Sent r2t = Request(session, 5);
        for (int i = 0; i < 3; i++)
        {
            // Others that come and go do not make it younger.
            session.Feed(Wire.H2CData(5, r2t.TransferTag, (uint)i * 4, new byte[4], last: false));
            session.Feed(Wire.H2CData(6, Request(session, 6).TransferTag, 0, new byte[Length]));
            clock.Advance(TimeSpan.FromSeconds(30));
            session.Connection.Run();
            Assert.Equal(TeardownCause.None, session.QueuePair.Lifecycle.Cause);
        }

        session.Feed(Wire.H2CData(5, r2t.TransferTag, 12, new byte[4], last: false));
        clock.Advance(TimeSpan.FromSeconds(30));
        session.Connection.Run();
        session.AssertEndsClean(TeardownCause.TimedOut);
        Assert.Equal(0, clock.ActiveTimers);
    }

    [Fact]
    public void A_queue_pair_without_transfers_has_no_timer()
    {
        var clock = new ManualTimeProvider();
        using var session = new ControllerSession(new TcpQueuePairOptions { MaxHostToControllerData = Length }, timeProvider: clock);
        session.Handshake().Connect();
        for (int i = 0; i < 3; i++)
        {
            session.Feed(Wire.H2CData(5, Request(session, 5).TransferTag, 0, new byte[Length]));
            clock.Advance(TimeSpan.FromSeconds(100));
            session.Connection.Run();
            Assert.Equal(0, clock.ActiveTimers);
        }

        Assert.Equal(TeardownCause.None, session.QueuePair.Lifecycle.Cause);
        session.AssertEndsClean();
    }

    [Fact]
    public void ReceiveData_and_Complete_are_refused_where_they_make_no_sense()
    {
        using var session = new ControllerSession();
        session.Handshake().Connect();
        session.Handler.Command = command =>
        {
            using var pool = new Abstractions.Buffers.BufferPool();
            Assert.True(pool.TryRent(4096, default, out var lease));
            if (command.Entry.Opcode == Wire.Write && command.InCapsuleData.IsEmpty)
            {
                Assert.Throws<ArgumentOutOfRangeException>(() => command.ReceiveData(lease.Slice(0, 511)));
                session.Handler.Fetch(command);
                Assert.Throws<InvalidOperationException>(() => command.ReceiveData(lease));
                Assert.Throws<InvalidOperationException>(() => command.Complete(ScriptedHandler.Completion(command)));
            }
            else
            {
                Assert.Throws<InvalidOperationException>(() => command.ReceiveData(lease));
                var wrong = ScriptedHandler.Completion(command);
                wrong.CommandId++;
                Assert.Throws<InvalidOperationException>(() => command.Complete(wrong));
                Assert.Throws<ArgumentException>(() => command.CompleteWithData(ScriptedHandler.Completion(command), lease));
                command.Complete(ScriptedHandler.Completion(command));
                Assert.Throws<InvalidOperationException>(() => command.Complete(ScriptedHandler.Completion(command)));
                Assert.Throws<InvalidOperationException>(command.Drop);
            }

            lease.Release();
        };
        Sent r2t = Assert.Single(session.Send(Wire.Entry(Wire.Write, 5, 0x5A, 512)));
        Assert.Single(session.Send(Wire.Entry(Wire.Write, 6, 0x01, 512), new byte[512]));
        Assert.Single(session.Send(Wire.Entry(Wire.Read, 7, 0x5A, 512)));
        Assert.Single(session.Send(Wire.Entry(Wire.Flush, 8)));
        Assert.Equal(0, Assert.Single(session.Feed(Wire.H2CData(5, r2t.TransferTag, 0, new byte[512]))).Status);
        session.AssertEndsClean();
    }

    private static Sent Request(ControllerSession session, ushort cid, ulong lba = 0)
    {
        Sent r2t = Assert.Single(session.Send(Wire.Entry(Wire.Write, cid, 0x5A, Length, lba: lba)));
        Assert.Equal((9, cid, 0u, (uint)Length), (r2t.Type, r2t.CommandId, r2t.Offset, r2t.Length));
        return r2t;
    }

    private static byte[] Pattern(int length, int seed)
    {
        byte[] data = new byte[length];
        new Random(seed).NextBytes(data);
        return data;
    }

    private static byte[] Patch(byte[] pdu, int offset, byte value)
    {
        pdu[offset] = value;
        return pdu;
    }
}
