using Nvmf.Abstractions.Lifecycle;
using Nvmf.Transport.Tcp.QueuePairs;

namespace Nvmf.Transport.Tcp.Tests.QueuePairs;

/// <summary>What a command gets for its SGL and in-capsule data. The connection goes on in every case.</summary>
public class TcpQueuePairSglTests
{
    private const int InCapsule = 16384;
    private const int MaxTransfer = 1 << 20;

    // opcode, SGL type, address, length, flags, bytes in the capsule, expected status code
    public static TheoryData<byte, byte, ulong, uint, byte, int, byte> Cases => new()
    {
        { Wire.Write, 0x01, 0, 512, 0x40, 512, 0x00 },
        { Wire.Write, 0x01, 0, InCapsule, 0x40, InCapsule, 0x00 },
        { Wire.Write, 0x01, 512, 512, 0x40, 1024, 0x00 },
        { Wire.Write, 0x01, 0, 0, 0x40, 0, 0x00 },
        { Wire.Read, 0x5A, 0, 512, 0x40, 0, 0x00 },
        { Wire.Read, 0x5A, 0, MaxTransfer, 0x40, 0, 0x00 },
        { Wire.Read, 0x5A, 0xFFFF, 512, 0x40, 0, 0x00 },
        { Wire.Read, 0x5A, 0, 0, 0x40, 0, 0x00 },
        { Wire.Flush, 0x5A, 0, 0, 0x40, 0, 0x00 },
        { Wire.Flush, 0x5A, 0, uint.MaxValue, 0x40, 0, 0x00 },
        { Wire.Flush, 0x00, 0, 0, 0x40, 0, 0x00 },
        { Wire.Flush, 0xFF, 7, 0, 0x40, 0, 0x00 },
        { Wire.Flush, 0x01, 0, 512, 0x40, 512, 0x00 },

        // PSDT
        { Wire.Flush, 0x5A, 0, 0, 0x00, 0, 0x02 },
        { Wire.Read, 0x5A, 0, 512, 0x80, 0, 0x02 },
        { Wire.Write, 0x01, 0, 512, 0xC0, 512, 0x02 },

        // descriptor types
        { Wire.Read, 0x00, 0, 512, 0x40, 0, 0x11 },
        { Wire.Read, 0x40, 0, 512, 0x40, 0, 0x11 },
        { Wire.Read, 0x5B, 0, 512, 0x40, 0, 0x11 },
        { Wire.Write, 0x31, 0, 512, 0x40, 512, 0x11 },
        { Wire.Write, 0x21, 0, 512, 0x40, 512, 0x11 },
        { Wire.Flush, 0x00, 0, 512, 0x40, 0, 0x11 },
        { Wire.Flush, 0xFF, 0, 0, 0x40, 512, 0x11 },
        { Wire.Read, 0x00, 0, 0, 0x40, 0, 0x11 },

        // offsets and lengths in the capsule
        { Wire.Write, 0x01, 513, 0, 0x40, 512, 0x16 },
        { Wire.Write, 0x01, ulong.MaxValue, 512, 0x40, 512, 0x16 },
        { Wire.Write, 0x01, 1, 512, 0x40, 512, 0x0F },
        { Wire.Write, 0x01, 0, 511, 0x40, 512, 0x0F },
        { Wire.Write, 0x01, 0, 513, 0x40, 512, 0x0F },
        { Wire.Write, 0x01, 0, uint.MaxValue, 0x40, 512, 0x0F },
        { Wire.Write, 0x01, 512, uint.MaxValue, 0x40, 512, 0x0F },
        { Wire.Write, 0x01, 0, 512, 0x40, 0, 0x0F },
        { Wire.Write, 0x01, 0, InCapsule + 512, 0x40, InCapsule + 512, 0x0F },
        { Wire.Write, 0x01, 0, 500_000, 0x40, 500_000, 0x0F },

        // data in the capsule that cannot be, or that no descriptor describes
        { Wire.Read, 0x01, 0, 512, 0x40, 512, 0x02 },
        { Wire.Write, 0x5A, 0, 512, 0x40, 512, 0x02 },
        { Wire.Read, 0x5A, 0, 512, 0x40, 512, 0x02 },
        { Wire.Flush, 0x5A, 0, 0, 0x40, 512, 0x02 },

        // more than MDTS
        { Wire.Read, 0x5A, 0, MaxTransfer + 1, 0x40, 0, 0x0F },
        { Wire.Write, 0x5A, 0, MaxTransfer + 512, 0x40, 0, 0x0F },
        { Wire.Write, 0x5A, 0, uint.MaxValue, 0x40, 0, 0x0F },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_command_gets_the_status_that_its_descriptor_deserves(
        byte opcode, byte sglType, ulong address, uint length, byte flags, int inCapsule, byte statusCode)
    {
        using var session = new ControllerSession(new TcpQueuePairOptions { InCapsuleDataSize = InCapsule, MaxDataTransferSize = MaxTransfer });
        session.Handshake().Connect();
        List<Sent> answer = session.Send(Wire.Entry(opcode, 9, sglType, length, address, flags), new byte[inCapsule]);
        Sent response = answer[^1];
        Assert.Equal((5, 9), (response.Type, response.ResponseCommandId));
        Assert.Equal(statusCode, (byte)response.Status);
        Assert.Equal(statusCode != 0, (response.Status & 0x4000) != 0);

        response = session.Send(Wire.Entry(Wire.Read, 10, 0x5A, 512))[^1];
        Assert.Equal((10, 0), (response.ResponseCommandId, response.Status));
        session.AssertEndsClean();
    }

    [Theory]
    [InlineData(0, 8192, 0x00)]
    [InlineData(0, 8704, 0x0F)]
    [InlineData(1, 4096, 0x00)]
    [InlineData(1, 4608, 0x0F)]
    public void Admin_queues_take_8_KiB_in_the_capsule_whatever_the_option_says(ushort qid, int length, byte statusCode)
    {
        using var session = new ControllerSession(new TcpQueuePairOptions { InCapsuleDataSize = 4096 });
        session.Handshake().Connect(qid);
        Sent response = Assert.Single(session.Send(Wire.Entry(Wire.Write, 9, 0x01, (uint)length), new byte[length]));
        Assert.Equal(statusCode, (byte)response.Status);
        session.AssertEndsClean();
    }

    [Fact]
    public void The_data_is_what_the_offset_points_at()
    {
        using var session = new ControllerSession();
        session.Handshake().Connect();
        byte[] data = [.. Enumerable.Range(0, 2048).Select(i => (byte)(i / 512))];
        session.Send(Wire.Entry(Wire.Write, 9, 0x01, 512, address: 1536), data);
        Assert.True(session.Handler.Disk.AsSpan(0, 512).IndexOfAnyExcept((byte)3) < 0);
        Assert.Equal(0, session.Handler.Disk[512]);
        session.AssertEndsClean();
    }

    [Fact]
    public void More_commands_than_the_queue_has_entries_end_the_connection()
    {
        using var session = new ControllerSession();
        session.Handshake().Connect(sqsize: 7);
        session.Handler.Command = session.Handler.Held.Add;
        for (ushort cid = 0; cid < 8; cid++)
        {
            Assert.Empty(session.Send(Wire.Entry(Wire.Flush, cid)));
        }

        Sent termination = Assert.Single(session.Send(Wire.Entry(Wire.Flush, 8)));
        Assert.Equal((3, 2), (termination.Type, termination.FatalErrorStatus));
        Assert.Equal(8, session.Handler.Arrived.Count - 1);
        session.AssertEndsClean(TeardownCause.ProtocolError);
    }

    [Fact]
    public void Before_Connect_there_is_one_command_at_a_time()
    {
        using var session = new ControllerSession();
        session.Handshake();
        session.Handler.Command = session.Handler.Held.Add;
        Assert.Empty(session.Send(Wire.Entry(Wire.Flush, 1)));
        Assert.Equal(3, Assert.Single(session.Send(Wire.ConnectEntry(2), new byte[1024])).Type);
        session.AssertEndsClean(TeardownCause.ProtocolError);
    }
}
