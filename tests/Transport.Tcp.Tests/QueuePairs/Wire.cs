using System.Buffers.Binary;
using Nvmf.Transport.Tcp.Pdu;

namespace Nvmf.Transport.Tcp.Tests.QueuePairs;

/// <summary>PDUs written byte by byte from the specification, so that the codec is not its own judge.</summary>
internal static class Wire
{
    public const byte Connect = 0x01;
    public const byte Write = 0x01;
    public const byte Read = 0x02;
    public const byte Flush = 0x00;

    public static byte[] ICReq(byte digests = 0, byte hpda = 0, uint maxR2T = 0, ushort pfv = 0)
    {
        byte[] pdu = Header(0x00, 0, 128, 0, 128, 128);
        BinaryPrimitives.WriteUInt16LittleEndian(pdu.AsSpan(8), pfv);
        pdu[10] = hpda;
        pdu[11] = digests;
        BinaryPrimitives.WriteUInt32LittleEndian(pdu.AsSpan(12), maxR2T);
        return pdu;
    }

    public static byte[] ICResp(byte digests = 0, byte cpda = 0, uint maxH2CData = 1 << 20, ushort pfv = 0)
    {
        byte[] pdu = Header(0x01, 0, 128, 0, 128, 128);
        BinaryPrimitives.WriteUInt16LittleEndian(pdu.AsSpan(8), pfv);
        pdu[10] = cpda;
        pdu[11] = digests;
        BinaryPrimitives.WriteUInt32LittleEndian(pdu.AsSpan(12), maxH2CData);
        return pdu;
    }

    /// <summary>A 64-byte entry.</summary>
    public static byte[] Entry(
        byte opcode, ushort cid, byte sglType = 0x5A, uint length = 0, ulong address = 0, byte flags = 0x40, uint nsid = 1, ulong lba = 0)
    {
        byte[] entry = new byte[64];
        entry[0] = opcode;
        entry[1] = flags;
        BinaryPrimitives.WriteUInt16LittleEndian(entry.AsSpan(2), cid);
        BinaryPrimitives.WriteUInt32LittleEndian(entry.AsSpan(4), nsid);
        BinaryPrimitives.WriteUInt64LittleEndian(entry.AsSpan(24), address);
        BinaryPrimitives.WriteUInt32LittleEndian(entry.AsSpan(32), length);
        entry[39] = sglType;
        BinaryPrimitives.WriteUInt64LittleEndian(entry.AsSpan(40), lba);
        return entry;
    }

    /// <summary>The entry of a Connect command with its 1024 bytes in the capsule.</summary>
    public static byte[] ConnectEntry(ushort cid, ushort qid = 0, ushort sqsize = 31, byte attributes = 0)
    {
        byte[] entry = Entry(0x7F, cid, sglType: 0x01, length: 1024, nsid: Connect);
        BinaryPrimitives.WriteUInt16LittleEndian(entry.AsSpan(42), qid);
        BinaryPrimitives.WriteUInt16LittleEndian(entry.AsSpan(44), sqsize);
        entry[46] = attributes;
        return entry;
    }

    public static byte[] CapsuleCmd(byte[] entry, ReadOnlySpan<byte> data = default, PduFraming? framing = null) =>
        Pdu(0x04, 0, entry, data, framing);

    public static byte[] H2CData(
        ushort cid, ushort ttag, uint offset, ReadOnlySpan<byte> data, bool last = true, PduFraming? framing = null, uint? length = null) =>
        Pdu(0x06, (byte)(last ? 4 : 0), DataFields(cid, ttag, offset, length ?? (uint)data.Length), data, framing);

    public static byte[] C2HData(
        ushort cid, uint offset, ReadOnlySpan<byte> data, bool last = true, bool success = false, PduFraming? framing = null, uint? length = null) =>
        Pdu(0x07, (byte)((last ? 4 : 0) | (success ? 8 : 0)), DataFields(cid, 0, offset, length ?? (uint)data.Length), data, framing);

    public static byte[] R2T(ushort cid, ushort ttag, uint offset, uint length, PduFraming? framing = null) =>
        Pdu(0x09, 0, DataFields(cid, ttag, offset, length), default, framing);

    public static byte[] CapsuleResp(ushort cid, ushort status = 0, ulong result = 0, PduFraming? framing = null)
    {
        byte[] entry = new byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(entry, result);
        BinaryPrimitives.WriteUInt16LittleEndian(entry.AsSpan(12), cid);
        BinaryPrimitives.WriteUInt16LittleEndian(entry.AsSpan(14), (ushort)(status << 1));
        return Pdu(0x05, 0, entry, default, framing);
    }

    public static byte[] TermReq(byte type, ushort fes, uint fei, ReadOnlySpan<byte> header)
    {
        byte[] pdu = Header(type, 0, 24, 0, (uint)(24 + header.Length), 24 + header.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(pdu.AsSpan(8), fes);
        BinaryPrimitives.WriteUInt32LittleEndian(pdu.AsSpan(10), fei);
        header.CopyTo(pdu.AsSpan(24));
        return pdu;
    }

    public static byte[] Header(byte type, byte flags, byte hlen, byte pdo, uint plen, int size)
    {
        byte[] pdu = new byte[size];
        pdu[0] = type;
        pdu[1] = flags;
        pdu[2] = hlen;
        pdu[3] = pdo;
        BinaryPrimitives.WriteUInt32LittleEndian(pdu.AsSpan(4), plen);
        return pdu;
    }

    /// <summary>Common header, the type's own fields, digest, padding, data, digest.</summary>
    public static byte[] Pdu(byte type, byte flags, ReadOnlySpan<byte> fields, ReadOnlySpan<byte> data, PduFraming? framing = null)
    {
        PduFraming rules = framing ?? PduFraming.Handshake;
        int hlen = 8 + fields.Length;
        int header = hlen + (rules.HeaderDigest ? 4 : 0);
        int pdo = data.IsEmpty ? 0 : (header + rules.Alignment - 1) / rules.Alignment * rules.Alignment;
        int dataDigest = rules.DataDigest && !data.IsEmpty ? 4 : 0;
        int plen = Math.Max(header, pdo) + data.Length + dataDigest;
        flags |= (byte)((rules.HeaderDigest ? 1 : 0) | (dataDigest != 0 ? 2 : 0));
        byte[] pdu = Header(type, flags, (byte)hlen, (byte)pdo, (uint)plen, plen);
        fields.CopyTo(pdu.AsSpan(8));
        if (rules.HeaderDigest)
        {
            SealHeader(pdu);
        }

        data.CopyTo(pdu.AsSpan(Math.Max(pdo, 0)));
        if (dataDigest != 0)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(pdu.AsSpan(plen - 4), Crc32C.Compute(data));
        }

        return pdu;
    }

    /// <summary>Computes the header digest (again).</summary>
    public static void SealHeader(byte[] pdu) =>
        BinaryPrimitives.WriteUInt32LittleEndian(pdu.AsSpan(pdu[2]), Crc32C.Compute(pdu.AsSpan(0, pdu[2])));

    /// <summary>Cuts what was sent into PDUs by PLEN.</summary>
    public static List<byte[]> Split(byte[] stream)
    {
        var pdus = new List<byte[]>();
        for (int position = 0; position < stream.Length;)
        {
            int length = (int)BinaryPrimitives.ReadUInt32LittleEndian(stream.AsSpan(position + 4));
            Assert.InRange(length, 8, stream.Length - position);
            pdus.Add(stream[position..(position + length)]);
            position += length;
        }

        return pdus;
    }

    private static byte[] DataFields(ushort cid, ushort ttag, uint offset, uint length)
    {
        byte[] fields = new byte[16];
        BinaryPrimitives.WriteUInt16LittleEndian(fields, cid);
        BinaryPrimitives.WriteUInt16LittleEndian(fields.AsSpan(2), ttag);
        BinaryPrimitives.WriteUInt32LittleEndian(fields.AsSpan(4), offset);
        BinaryPrimitives.WriteUInt32LittleEndian(fields.AsSpan(8), length);
        return fields;
    }
}
