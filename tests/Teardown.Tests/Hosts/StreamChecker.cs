using System.Buffers.Binary;
using Nvmf.Bench.Load;
using Nvmf.Teardown.Tests.Targets;
using Nvmf.Transport.Tcp.Pdu;

namespace Nvmf.Teardown.Tests.Hosts;

/// <summary>
/// Takes the bytes of one connection as they come, cuts them into PDUs, and judges every block of read data: also those of a PDU that the end of the connection
/// cut off. What it accepts is what a host would have accepted.
/// </summary>
internal sealed class StreamChecker(PduFraming framing)
{
    private const int Type = 0;
    private const byte C2HData = 7;
    private const byte CapsuleResp = 5;
    private const byte C2HTermReq = 3;

    private readonly List<byte> _bytes = [];
    private readonly Dictionary<ushort, ulong> _addresses = [];

    /// <summary>Blocks of 512 bytes that were as they should be.</summary>
    public long GoodBlocks { get; private set; }

    public long CorruptBlocks { get; private set; }

    /// <summary>What was wrong with the first corrupt block, or with the protocol.</summary>
    public string? FirstFault { get; private set; }

    /// <summary>The controller said why it ended the connection.</summary>
    public bool WasTerminated { get; private set; }

    /// <summary>Commands answered, with their status.</summary>
    public Queue<(ushort CommandId, ushort Status)> Answers { get; } = [];

    /// <summary>A read of a command identifier begins at this byte of the disk.</summary>
    public void Expect(ushort commandId, ulong address) => _addresses[commandId] = address;

    public void Add(ReadOnlySpan<byte> bytes)
    {
        _bytes.AddRange(bytes);
        int position = 0;
        while (_bytes.Count - position >= 8)
        {
            ReadOnlySpan<byte> rest = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_bytes)[position..];
            int length = BinaryPrimitives.ReadInt32LittleEndian(rest[4..]);
            if (length is < 8 or > 1 << 21)
            {
                Fault($"a PDU of type {rest[Type]:X2}h and {length} bytes");
                _bytes.Clear();
                return;
            }

            if (rest.Length < length)
            {
                break;
            }

            Take(rest[..length], complete: true);
            position += length;
        }

        _bytes.RemoveRange(0, position);
    }

    /// <summary>The connection ended: looks at the PDU that was cut off.</summary>
    public void End()
    {
        if (_bytes.Count > 24)
        {
            Take(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_bytes), complete: false);
        }

        _bytes.Clear();
    }

    private void Take(ReadOnlySpan<byte> pdu, bool complete)
    {
        switch (pdu[Type])
        {
            case C2HData:
                TakeData(pdu, complete);
                break;
            case CapsuleResp when complete:
                Answers.Enqueue((BinaryPrimitives.ReadUInt16LittleEndian(pdu[20..]), (ushort)(BinaryPrimitives.ReadUInt16LittleEndian(pdu[22..]) >> 1)));
                break;
            case C2HTermReq:
                WasTerminated = true;
                break;
            default:
                if (complete)
                {
                    Fault($"a PDU of type {pdu[Type]:X2}h");
                }

                break;
        }

        if (complete && framing.HeaderDigest && pdu[Type] is C2HData or CapsuleResp)
        {
            int header = pdu[2];
            if (framing.HeaderDigest && Crc32C.Compute(pdu[..header]) != BinaryPrimitives.ReadUInt32LittleEndian(pdu[header..]))
            {
                Fault("a header digest");
            }
        }
    }

    private void TakeData(ReadOnlySpan<byte> pdu, bool complete)
    {
        ushort commandId = BinaryPrimitives.ReadUInt16LittleEndian(pdu[8..]);
        uint offset = BinaryPrimitives.ReadUInt32LittleEndian(pdu[12..]);
        int length = BinaryPrimitives.ReadInt32LittleEndian(pdu[16..]);
        int start = Math.Min(pdu[3], pdu.Length);
        if (!_addresses.TryGetValue(commandId, out ulong address))
        {
            Fault($"data of command {commandId}, which is none");
            return;
        }

        ReadOnlySpan<byte> data = pdu[start..Math.Min(pdu.Length, start + length)];
        for (int block = 0; block + Stamp.Unit <= data.Length; block += Stamp.Unit)
        {
            if (Stamp.Check(data.Slice(block, Stamp.Unit), address + offset + (ulong)block, StampedBackend.Generation) is { } wrong)
            {
                CorruptBlocks++;
                FirstFault ??= wrong;
            }
            else
            {
                GoodBlocks++;
            }
        }

        if (complete && framing.DataDigest && Crc32C.Compute(data) != BinaryPrimitives.ReadUInt32LittleEndian(pdu[^4..]))
        {
            Fault("a data digest");
        }
    }

    private void Fault(string what)
    {
        CorruptBlocks++;
        FirstFault ??= what;
    }
}
