using Nvmf.Transport.Tcp.Pdu;

namespace Nvmf.Transport.Tcp.Tests.Pdu;

public class PduHeaderValidatorTests
{
    private const uint MaxCapsuleData = 1 << 20;

    private static readonly PduFraming Plain = PduFraming.Handshake;
    private static readonly PduFraming Digests = new(HeaderDigest: true, DataDigest: true, Alignment: 4);

    // type, flags, HLEN, PDO, PLEN, with digests, offset of the field in error; -1: valid, -2: disconnect without a word.
    public static TheoryData<byte, byte, byte, byte, uint, bool, int> ToController => new()
    {
        // ICReq
        { 0x00, 0, 128, 0, 128, false, -1 },
        { 0x00, 0, 128, 0, 128, true, -1 },
        { 0x00, 1, 128, 0, 128, false, 1 },
        { 0x00, 0, 127, 0, 128, false, 2 },
        { 0x00, 0, 128, 4, 128, false, 3 },
        { 0x00, 0, 128, 0, 127, false, 4 },
        { 0x00, 0, 128, 0, 129, false, 4 },
        { 0x00, 0, 128, 0, uint.MaxValue, false, 4 },
        { 0x00, 0, 128, 0, 0, false, 4 },

        // types that do not exist, or travel the other way
        { 0x01, 0, 128, 0, 128, false, 0 },
        { 0x03, 0, 24, 0, 24, false, 0 },
        { 0x05, 0, 24, 0, 24, false, 0 },
        { 0x07, 0, 24, 24, 512, false, 0 },
        { 0x08, 0, 24, 0, 24, false, 0 },
        { 0x09, 0, 24, 0, 24, false, 0 },
        { 0x0A, 0, 24, 0, 24, false, 0 },
        { 0xFF, 0xFF, 0xFF, 0xFF, 0xFFFFFFFF, false, 0 },

        // H2CTermReq: whatever is wrong, no answer
        { 0x02, 0, 24, 0, 24, false, -1 },
        { 0x02, 0, 24, 0, 152, true, -1 },
        { 0x02, 0, 24, 0, 153, false, -2 },
        { 0x02, 0, 24, 0, 23, false, -2 },
        { 0x02, 0, 25, 0, 25, false, -2 },
        { 0x02, 0, 24, 0, uint.MaxValue, false, -2 },

        // CapsuleCmd without data
        { 0x04, 0, 72, 0, 72, false, -1 },
        { 0x04, 0, 72, 72, 72, false, -1 },
        { 0x04, 1, 72, 0, 76, true, -1 },
        { 0x04, 1, 72, 76, 76, true, -1 },
        { 0x04, 0, 72, 0, 76, true, 1 },
        { 0x04, 1, 72, 0, 76, false, 1 },
        { 0x04, 3, 72, 0, 76, true, 1 },
        { 0x04, 2, 72, 0, 72, false, 1 },
        { 0x04, 4, 72, 0, 72, false, 1 },
        { 0x04, 0x80, 72, 0, 72, false, 1 },
        { 0x04, 0, 71, 0, 72, false, 2 },
        { 0x04, 0, 0, 0, 72, false, 2 },
        { 0x04, 0, 255, 0, 72, false, 2 },
        { 0x04, 0, 72, 68, 72, false, 3 },
        { 0x04, 0, 72, 76, 72, false, 3 },
        { 0x04, 0, 72, 0, 71, false, 4 },
        { 0x04, 0, 72, 0, 0, false, 4 },
        { 0x04, 1, 72, 0, 72, true, 4 },

        // CapsuleCmd with data
        { 0x04, 0, 72, 72, 72 + 4096, false, -1 },
        { 0x04, 0, 72, 72, 73, false, -1 },
        { 0x04, 0, 72, 128, 128 + 4096, false, -1 },
        { 0x04, 0, 72, 252, 252 + 4096, false, -1 },
        { 0x04, 3, 72, 76, 76 + 4096 + 4, true, -1 },
        { 0x04, 0, 72, 72, 72 + MaxCapsuleData, false, -1 },
        { 0x04, 1, 72, 76, 76 + 4096 + 4, true, 1 },
        { 0x04, 2, 72, 72, 72 + 4096, false, 1 },
        { 0x04, 0, 72, 0, 72 + 4096, false, 3 },
        { 0x04, 0, 72, 71, 72 + 4096, false, 3 },
        { 0x04, 0, 72, 74, 72 + 4096, false, 3 },
        { 0x04, 0, 72, 84, 80, false, 3 },
        { 0x04, 3, 72, 72, 76 + 4096 + 4, true, 3 },
        { 0x04, 0, 72, 76, 76, false, 4 },
        { 0x04, 3, 72, 76, 76 + 4, true, 4 },
        { 0x04, 3, 72, 76, 76 + 3, true, 4 },
        { 0x04, 0, 72, 72, 72 + MaxCapsuleData + 1, false, 4 },
        { 0x04, 0, 72, 72, uint.MaxValue, false, 4 },

        // H2CData
        { 0x06, 4, 24, 24, 24 + 4096, false, -1 },
        { 0x06, 0, 24, 24, 24 + 4096, false, -1 },
        { 0x06, 7, 24, 28, 28 + 4096 + 4, true, -1 },
        { 0x06, 0, 24, 24, uint.MaxValue, false, -1 },
        { 0x06, 4, 24, 28, 28 + 4096 + 4, true, 1 },
        { 0x06, 8, 24, 24, 24 + 4096, false, 1 },
        { 0x06, 4, 72, 24, 24 + 4096, false, 2 },
        { 0x06, 4, 24, 0, 24 + 4096, false, 3 },
        { 0x06, 4, 24, 25, 25 + 4096, false, 3 },
        { 0x06, 4, 24, 24, 23, false, 4 },
    };

    public static TheoryData<byte, byte, byte, byte, uint, bool, int> ToHost => new()
    {
        { 0x00, 0, 128, 0, 128, false, 0 },
        { 0x04, 0, 72, 0, 72, false, 0 },
        { 0x01, 0, 128, 0, 128, true, -1 },
        { 0x01, 0, 128, 0, 129, false, 4 },
        { 0x03, 0, 24, 0, 152, false, -1 },
        { 0x03, 0, 24, 0, 153, false, -2 },
        { 0x05, 0, 24, 0, 24, false, -1 },
        { 0x05, 1, 24, 0, 28, true, -1 },
        { 0x05, 2, 24, 0, 24, false, 1 },
        { 0x05, 0, 24, 24, 24, false, 3 },
        { 0x05, 0, 24, 0, 28, false, 4 },
        { 0x07, 4, 24, 24, 24 + 512, false, -1 },
        { 0x07, 12, 24, 24, 24 + 512, false, -1 },
        { 0x07, 15, 24, 28, 28 + 512 + 4, true, -1 },
        { 0x07, 8, 24, 24, 24 + 512, false, 1 },
        { 0x07, 16, 24, 24, 24 + 512, false, 1 },
        { 0x07, 4, 24, 26, 26 + 512, false, 3 },
        { 0x09, 0, 24, 0, 24, false, -1 },
        { 0x09, 1, 24, 0, 28, true, -1 },
        { 0x09, 4, 24, 0, 24, false, 1 },
        { 0x09, 0, 24, 0, 32, false, 4 },
    };

    [Theory]
    [MemberData(nameof(ToController))]
    public void To_the_controller(byte type, byte flags, byte hlen, byte pdo, uint plen, bool digests, int field) =>
        Check(toController: true, type, flags, hlen, pdo, plen, digests, field);

    [Theory]
    [MemberData(nameof(ToHost))]
    public void To_the_host(byte type, byte flags, byte hlen, byte pdo, uint plen, bool digests, int field) =>
        Check(toController: false, type, flags, hlen, pdo, plen, digests, field);

    [Theory]
    [InlineData(0, 24)]
    [InlineData(7, 32)]
    [InlineData(31, 128)]
    public void Padding_must_be_what_was_agreed(byte cpda, byte pdo)
    {
        var framing = new PduFraming(false, false, (cpda + 1) * 4);
        var header = PduCommonHeader.Create(PduType.C2HData, PduFlags.Last, 24, pdo, pdo + 512u);
        Assert.Equal(PduFault.None, PduHeaderValidator.Validate(header, false, framing, 0));
        Assert.Equal(pdo, framing.DataOffset(24));
        header.DataOffset += 2;
        Assert.Equal(PduFault.Field(3), PduHeaderValidator.Validate(header, false, framing, 0));
    }

    [Fact]
    public void Parameters_of_the_handshake()
    {
        Assert.Equal(PduFault.None, PduHeaderValidator.Validate(new ICReqPdu { HostDataAlignment = 31, MaxOutstandingR2T = uint.MaxValue }));
        Assert.Equal(PduFault.Unsupported(8), PduHeaderValidator.Validate(new ICReqPdu { FormatVersion = 1 }));
        Assert.Equal(PduFault.Field(10), PduHeaderValidator.Validate(new ICReqPdu { HostDataAlignment = 32 }));

        ICRespPdu response = ICRespPdu.Create(DigestFlags.Header, 4096);
        Assert.Equal(PduFault.None, PduHeaderValidator.Validate(response, DigestFlags.Header));
        Assert.Equal(PduFault.Unsupported(11), PduHeaderValidator.Validate(response, DigestFlags.None));
        Assert.Equal(PduFault.Unsupported(11), PduHeaderValidator.Validate(response, DigestFlags.All));
        Assert.Equal(PduFault.Unsupported(8), PduHeaderValidator.Validate(response with { FormatVersion = 1 }, DigestFlags.Header));
        Assert.Equal(PduFault.Field(10), PduHeaderValidator.Validate(response with { ControllerDataAlignment = 32 }, DigestFlags.Header));
        Assert.Equal(PduFault.Field(12), PduHeaderValidator.Validate(response with { MaxHostToControllerData = 4095 }, DigestFlags.Header));
        Assert.Equal(PduFault.Field(12), PduHeaderValidator.Validate(response with { MaxHostToControllerData = 4098 }, DigestFlags.Header));
    }

    [Fact]
    public void Any_eight_bytes_give_an_answer()
    {
        var random = new Random(7);
        for (int i = 0; i < 200_000; i++)
        {
            var header = PduCommonHeader.Create(
                (PduType)random.Next(0, 12), (PduFlags)random.Next(0, 16), random.Next(0, 130), random.Next(0, 256), (uint)random.NextInt64(0, 1L << 32));
            bool toController = random.Next(2) == 0;
            PduFraming framing = random.Next(2) == 0 ? Plain : Digests;
            PduFault fault = PduHeaderValidator.Validate(header, toController, framing, MaxCapsuleData);
            if (fault.IsNone && header.Type > PduType.C2HTermReq && header.Length > header.HeaderLength + framing.HeaderDigestSize)
            {
                // What the receiver computes with is then positive and within the PDU.
                Assert.InRange<long>(header.DataOffset, header.HeaderLength + framing.HeaderDigestSize, header.Length);
                Assert.True(header.Length - header.DataOffset > framing.DataDigestSize);
            }
        }
    }

    private static void Check(bool toController, byte type, byte flags, byte hlen, byte pdo, uint plen, bool digests, int field)
    {
        var header = PduCommonHeader.Create((PduType)type, (PduFlags)flags, hlen, pdo, plen);
        PduFault expected = field switch
        {
            -1 => PduFault.None,
            -2 => PduFault.Disconnect,
            _ => PduFault.Field(field),
        };
        Assert.Equal(expected, PduHeaderValidator.Validate(header, toController, digests ? Digests : Plain, MaxCapsuleData));
    }
}
