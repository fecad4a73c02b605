using System.Buffers.Binary;
using Nvmf.Transport.Tcp.Pdu;

namespace Nvmf.Transport.Tcp.Tests.QueuePairs;

/// <summary>A PDU that was sent, read byte by byte. Digests and padding are checked while reading.</summary>
internal sealed class Sent
{
    private readonly byte[] _pdu;

    private Sent(byte[] pdu, PduFraming framing)
    {
        _pdu = pdu;
        bool plain = pdu[0] <= 3;
        int header = pdu[2];
        if (framing.HeaderDigest && !plain)
        {
            Assert.Equal(1, pdu[1] & 1);
            Assert.Equal(Crc32C.Compute(pdu.AsSpan(0, header)), BinaryPrimitives.ReadUInt32LittleEndian(pdu.AsSpan(header)));
            header += 4;
        }

        if (pdu[0] is 4 or 6 or 7 && pdu.Length > header)
        {
            Assert.Equal(0, DataOffset % framing.Alignment);
            Assert.InRange(DataOffset, header, header + framing.Alignment - 1);
            Assert.True(pdu.AsSpan(header..DataOffset).IndexOfAnyExcept((byte)0) < 0, "Padding must be zero.");
            Data = pdu[DataOffset..^(framing.DataDigest ? 4 : 0)];
            Assert.Equal(framing.DataDigest, (pdu[1] & 2) != 0);
            if (framing.DataDigest)
            {
                Assert.Equal(Crc32C.Compute(Data), BinaryPrimitives.ReadUInt32LittleEndian(pdu.AsSpan(pdu.Length - 4)));
            }
        }
        else
        {
            Assert.Equal(plain ? pdu.Length : header, pdu.Length);
        }
    }

    public byte Type => _pdu[0];

    public bool Last => (_pdu[1] & 4) != 0;

    public bool Success => (_pdu[1] & 8) != 0;

    public int DataOffset => _pdu[3];

    public byte[] Data { get; } = [];

    public byte[] Bytes => _pdu;

    // CapsuleResp
    public ushort ResponseCommandId => U16(20);

    public ushort Status => (ushort)(U16(22) >> 1);

    public uint Dword0 => U32(8);

    // C2HData, H2CData, R2T
    public ushort CommandId => U16(8);

    public ushort TransferTag => U16(10);

    public uint Offset => U32(12);

    public uint Length => U32(16);

    // TermReq
    public ushort FatalErrorStatus => U16(8);

    public uint FatalErrorInformation => U32(10);

    public byte[] ErrorHeader => _pdu[24..];

    public static List<Sent> Parse(byte[] stream, PduFraming? framing = null) =>
        Wire.Split(stream).ConvertAll(pdu => new Sent(pdu, framing ?? PduFraming.Handshake));

    private ushort U16(int offset) => BinaryPrimitives.ReadUInt16LittleEndian(_pdu.AsSpan(offset));

    private uint U32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(_pdu.AsSpan(offset));
}
