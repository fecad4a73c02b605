using Nvmf.Abstractions.Lifecycle;
using Nvmf.Testing;
using Nvmf.Transport.Tcp.QueuePairs;

namespace Nvmf.Transport.Tcp.Tests.QueuePairs;

public class TcpQueuePairHandshakeTests
{
    [Theory]
    [InlineData(0, true, true, 0)]
    [InlineData(1, true, true, 1)]
    [InlineData(2, true, true, 2)]
    [InlineData(3, true, true, 3)]
    [InlineData(3, false, true, 2)]
    [InlineData(3, true, false, 1)]
    [InlineData(0xFF, true, true, 3)]
    public void Grants_the_digests_asked_for_and_allowed(byte asked, bool allowHeader, bool allowData, byte granted)
    {
        using var session = new ControllerSession(new TcpQueuePairOptions
        {
            AllowHeaderDigest = allowHeader,
            AllowDataDigest = allowData,
            MaxHostToControllerData = 131072,
        });
        Sent response = Assert.Single(session.Feed(Wire.ICReq(asked, hpda: 3, maxR2T: 7)));
        Assert.Equal(Wire.ICResp(granted, cpda: 0, maxH2CData: 131072), response.Bytes);
        Assert.Equal(QueuePairState.Live, session.QueuePair.Lifecycle.State);
        session.AssertEndsClean();
    }

    public static TheoryData<string, byte[], ushort, uint> FaultyFirstPdus => new()
    {
        { "PFV", Wire.ICReq(pfv: 1), 6, 8 },
        { "HPDA", Wire.ICReq(hpda: 32), 1, 10 },
        { "PLEN", Wire.Header(0, 0, 128, 0, 127, 128), 1, 4 },
        { "HLEN", Wire.Header(0, 0, 127, 0, 128, 128), 1, 2 },
        { "flags", Wire.Header(0, 1, 128, 0, 128, 128), 1, 1 },
        { "a command before ICReq", Wire.CapsuleCmd(Wire.Entry(0, 1)), 2, 0 },
        { "data before ICReq", Wire.H2CData(0, 0, 0, new byte[512]), 2, 0 },
        { "ICResp", Wire.ICResp(), 1, 0 },
        { "not NVMe/TCP", "GET / HTTP/1.1\r\n\r\n"u8.ToArray(), 1, 0 },
        { "TLS", [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01], 1, 0 },
    };

    [Theory]
    [MemberData(nameof(FaultyFirstPdus))]
    public void A_faulty_first_PDU_is_answered_with_a_termination_request(string what, byte[] pdu, ushort fes, uint fei)
    {
        _ = what;
        using var session = new ControllerSession();
        Sent termination = Assert.Single(session.Feed(pdu));
        Assert.Equal((3, fes, fei), (termination.Type, termination.FatalErrorStatus, termination.FatalErrorInformation));
        Assert.Equal(pdu[..termination.ErrorHeader.Length], termination.ErrorHeader);
        Assert.InRange(termination.ErrorHeader.Length, 8, 128);
        session.AssertEndsClean(TeardownCause.ProtocolError);
    }

    [Fact]
    public void A_second_ICReq_is_a_sequence_error()
    {
        using var session = new ControllerSession();
        session.Handshake(digests: 3);
        Sent termination = Assert.Single(session.Feed(Wire.ICReq(3)));
        Assert.Equal((3, 2), (termination.Type, termination.FatalErrorStatus));
        Assert.Equal(Wire.ICReq(3), termination.ErrorHeader);
        session.AssertEndsClean(TeardownCause.ProtocolError);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_termination_request_ends_the_connection_without_an_answer(bool afterHandshake)
    {
        using var session = new ControllerSession();
        if (afterHandshake)
        {
            session.Handshake();
        }

        byte[] request = Wire.TermReq(2, 1, 4, new byte[100]);

        // Not a field of this PDU, and not to be trusted.
        request[3] = 200;
        Assert.Empty(session.Feed(request));
        session.AssertEndsClean(TeardownCause.ProtocolError);
    }

    [Fact]
    public void Silence_before_ICReq_and_before_Connect_ends_in_time()
    {
        var clock = new ManualTimeProvider();
        using (var session = new ControllerSession(timeProvider: clock))
        {
            session.Connection.Feed(Wire.ICReq().AsSpan()[..100]);
            clock.Advance(TimeSpan.FromSeconds(4.9));
            session.Connection.Run();
            Assert.Equal(TeardownCause.None, session.QueuePair.Lifecycle.Cause);
            clock.Advance(TimeSpan.FromSeconds(0.1));
            session.AssertEndsClean(TeardownCause.TimedOut);
        }

        using (var session = new ControllerSession(timeProvider: clock))
        {
            clock.Advance(TimeSpan.FromSeconds(4.9));
            session.Handshake();

            // A Connect that was refused is not one.
            session.Send(Wire.ConnectEntry(1, sqsize: 31), new byte[100]);
            clock.Advance(TimeSpan.FromSeconds(9.9));
            session.Connection.Run();
            Assert.Equal(TeardownCause.None, session.QueuePair.Lifecycle.Cause);
            clock.Advance(TimeSpan.FromSeconds(0.1));
            session.AssertEndsClean(TeardownCause.TimedOut);
        }

        Assert.Equal(0, clock.ActiveTimers);
    }

    [Fact]
    public void A_connected_queue_pair_has_no_timer()
    {
        var clock = new ManualTimeProvider();
        using var session = new ControllerSession(timeProvider: clock);
        session.Handshake().Connect();
        Assert.Equal(0, clock.ActiveTimers);
        clock.Advance(TimeSpan.FromDays(1));
        Assert.Single(session.Send(Wire.Entry(Wire.Flush, 1)));
        session.AssertEndsClean();
    }

    [Fact]
    public void One_pending_connection_too_many_ends_the_oldest()
    {
        using var session = new ControllerSession(new TcpQueuePairOptions { MaxPendingConnections = 2 });
        using var second = new ControllerSession();
        using var third = new ControllerSession();
        session.Pending.Add(second.QueuePair);
        Assert.Equal(TeardownCause.None, session.QueuePair.Lifecycle.Cause);
        session.Pending.Add(third.QueuePair);
        Assert.Equal(2, session.Pending.Count);
        Assert.Equal(TeardownCause.None, second.QueuePair.Lifecycle.Cause);
        session.Pending.Remove(second.QueuePair);
        session.Pending.Remove(third.QueuePair);
        session.AssertEndsClean(TeardownCause.TimedOut);
        second.AssertEndsClean();
        third.AssertEndsClean();
    }

    [Fact]
    public void A_connected_queue_pair_is_not_pending()
    {
        using var session = new ControllerSession();
        Assert.Equal(1, session.Pending.Count);
        session.Handshake();
        Assert.Equal(1, session.Pending.Count);
        session.Connect();
        Assert.Equal(0, session.Pending.Count);
        session.AssertEndsClean();
    }

    [Theory]
    [InlineData(-16, 1 << 20, 128, 1 << 20)]
    [InlineData(100, 1 << 20, 128, 1 << 20)]
    [InlineData(65552, 1 << 20, 128, 1 << 20)]
    [InlineData(8192, 3000, 128, 1 << 20)]
    [InlineData(8192, 3 << 19, 128, 1 << 20)]
    [InlineData(8192, 1 << 30, 128, 1 << 20)]
    [InlineData(8192, 1 << 20, 1, 1 << 20)]
    [InlineData(8192, 1 << 20, 5000, 1 << 20)]
    [InlineData(8192, 1 << 20, 128, 4095)]
    [InlineData(8192, 1 << 20, 128, 4098)]
    public void Options_out_of_range_are_refused(int inCapsule, int maxTransfer, int queueSize, int maxHostData)
    {
        var options = new TcpQueuePairOptions
        {
            InCapsuleDataSize = inCapsule,
            MaxDataTransferSize = maxTransfer,
            MaxQueueSize = queueSize,
            MaxHostToControllerData = maxHostData,
        };
        ArgumentException exception = Assert.Throws<ArgumentException>(() => new ControllerSession(options));
        Assert.StartsWith(nameof(TcpQueuePairOptions), exception.Message, StringComparison.Ordinal);
    }
}
