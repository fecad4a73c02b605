using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Transport.Tcp.Tests.QueuePairs;

/// <summary>The host's side: data of writes and reads, and what a command may end without.</summary>
public class TcpHostQueuePairDataTests
{
    public static TheoryData<byte, byte> DigestsAndAlignments()
    {
        var data = new TheoryData<byte, byte>();
        for (byte digests = 0; digests <= 3; digests++)
        {
            foreach (byte cpda in new byte[] { 0, 1, 5, 31 })
            {
                data.Add(digests, cpda);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(DigestsAndAlignments))]
    public void Writes_go_in_the_capsule_or_in_pieces_of_MAXH2CDATA(byte digests, byte cpda)
    {
        using var session = new HostSession(digests);
        session.Handshake(cpda, maxH2CData: 4096);

        Sent capsule = session.SubmitAndTake(Wire.Write, 8192, out TestCommand small, out BufferLease smallData);
        Assert.Equal(smallData.Span.ToArray(), capsule.Data);
        Assert.Equal((0x40, 0x01, 8192u), (capsule.Bytes[9], capsule.Bytes[8 + 39], BitConverter.ToUInt32(capsule.Bytes, 8 + 32)));

        capsule = session.SubmitAndTake(Wire.Write, 10_000, out TestCommand large, out BufferLease largeData);
        Assert.Empty(capsule.Data);
        Assert.Equal((0x5A, 10_000u), (capsule.Bytes[8 + 39], BitConverter.ToUInt32(capsule.Bytes, 8 + 32)));
        ushort cid = large.Entry.CommandId;

        List<Sent> pieces = session.Feed(Wire.R2T(cid, 0xABCD, 0, 6000, session.ToHost));
        pieces.AddRange(session.Feed(Wire.R2T(cid, 0x1234, 6000, 4000, session.ToHost)));
        Assert.Equal([(0u, 4096u, false), (4096u, 1904u, true), (6000u, 4000u, true)], pieces.Select(pdu => (pdu.Offset, pdu.Length, pdu.Last)));
        Assert.Equal([0xABCD, 0xABCD, 0x1234], pieces.Select(pdu => (int)pdu.TransferTag));
        Assert.All(pieces, pdu => Assert.Equal((6, cid), (pdu.Type, pdu.CommandId)));
        Assert.Equal(largeData.Span.ToArray(), pieces.SelectMany(pdu => pdu.Data));

        session.Feed(
            Wire.CapsuleResp(cid, result: 77, framing: session.ToHost),
            Wire.CapsuleResp(small.Entry.CommandId, status: 0x4081, framing: session.ToHost));
        Assert.Equal(77u, large.Answer!.Value.Dword0);
        Assert.Equal(new NvmeStatus(0x4081), small.Answer!.Value.Status);
        session.AssertEndsClean();
    }

    [Theory]
    [InlineData(0, 512, false)]
    [InlineData(3, 512, true)]
    [InlineData(0, 200_000, true)]
    [InlineData(3, 200_000, false)]
    public void Reads_arrive_in_the_command_s_buffer(byte digests, int size, bool success)
    {
        using var session = new HostSession(digests);
        session.Handshake();
        byte[] data = new byte[size];
        new Random(1).NextBytes(data);
        session.SubmitAndTake(Wire.Read, size, out TestCommand command, out BufferLease buffer);
        ushort cid = command.Entry.CommandId;
        int half = size / 2;
        byte[] first = Wire.C2HData(cid, 0, data.AsSpan(0, half), last: false, framing: session.ToHost);
        byte[] second = Wire.C2HData(cid, (uint)half, data.AsSpan(half), success: success, framing: session.ToHost);
        session.Feed(first);
        foreach (byte[] chunk in second.Chunk(999))
        {
            Assert.False(command.IsReleased);
            session.Feed(chunk);
        }

        if (!success)
        {
            session.Feed(Wire.CapsuleResp(cid, framing: session.ToHost));
        }

        Assert.True(command.Answer!.Value.Status.IsSuccess);
        Assert.Equal(cid, command.Answer!.Value.CommandId);
        Assert.True(command.IsReleased);
        Assert.Equal(data, buffer.Span.ToArray());
        session.AssertEndsClean();
    }

    [Theory]
    [InlineData(512, true)]
    [InlineData(100_000, true)]
    [InlineData(512, false)]
    public void A_data_digest_error_fails_the_command_alone(int size, bool success)
    {
        using var session = new HostSession(2);
        session.Handshake();
        session.SubmitAndTake(Wire.Read, size, out TestCommand command, out _);
        byte[] pdu = Wire.C2HData(command.Entry.CommandId, 0, new byte[size], success: success, framing: session.ToHost);
        pdu[^1] ^= 1;
        session.Feed(pdu);
        if (!success)
        {
            session.Feed(Wire.CapsuleResp(command.Entry.CommandId, framing: session.ToHost));
        }

        Assert.Equal(NvmeStatus.TransientTransportError, command.Answer!.Value.Status);
        Assert.Equal(QueuePairState.Live, session.QueuePair.Lifecycle.State);
        session.AssertEndsClean();
    }

    [Fact]
    public void Admin_commands_may_succeed_without_data()
    {
        using var session = new HostSession(isAdmin: true);
        session.Handshake();
        session.SubmitAndTake(Wire.Read, 4096, out TestCommand command, out _);
        Assert.Empty(session.Feed(Wire.CapsuleResp(command.Entry.CommandId)));
        Assert.True(command.Answer!.Value.Status.IsSuccess);
        session.AssertEndsClean();
    }

    [Fact]
    public void A_failed_read_needs_no_data()
    {
        using var session = new HostSession();
        session.Handshake();
        session.SubmitAndTake(Wire.Read, 4096, out TestCommand command, out _);
        Assert.Empty(session.Feed(Wire.CapsuleResp(command.Entry.CommandId, status: 0x281)));
        Assert.Equal(new NvmeStatus(0x281), command.Answer!.Value.Status);
        session.AssertEndsClean();
    }
}
