using System.Runtime.InteropServices;

namespace Nvmf.Abstractions.Fabrics;

/// <summary>SGL descriptor, 16 bytes (NVMe Base, Scatter Gather List). For keyed descriptors see the Keyed members.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
public struct SglDescriptor
{
    /// <summary>Address, or offset in the capsule.</summary>
    [FieldOffset(0)]
    public ulong Address;

    /// <summary>Length in bytes (unkeyed descriptors).</summary>
    [FieldOffset(8)]
    public uint Length;

    /// <summary>Low three bytes: length of a keyed descriptor; the high byte belongs to <see cref="Key"/>.</summary>
    [FieldOffset(8)]
    private uint _keyedLengthAndKeyLow;

    [FieldOffset(12)]
    private uint _keyHighAndIdentifier;

    /// <summary>Type in bits 7:4, subtype in bits 3:0.</summary>
    [FieldOffset(15)]
    public byte Identifier;

    /// <summary>Length of a keyed descriptor, 24 bits.</summary>
    public uint KeyedLength
    {
        readonly get => _keyedLengthAndKeyLow & 0xFFFFFF;
        set => _keyedLengthAndKeyLow = (_keyedLengthAndKeyLow & 0xFF000000) | (value & 0xFFFFFF);
    }

    /// <summary>Remote key of a keyed descriptor.</summary>
    public uint Key
    {
        readonly get => (_keyedLengthAndKeyLow >> 24) | (_keyHighAndIdentifier << 8);
        set
        {
            _keyedLengthAndKeyLow = (_keyedLengthAndKeyLow & 0xFFFFFF) | (value << 24);
            _keyHighAndIdentifier = (_keyHighAndIdentifier & 0xFF000000) | (value >> 8);
        }
    }

    /// <summary>Data block with an offset: in-capsule data.</summary>
    public const byte DataBlockOffset = 0x01;

    /// <summary>Transport data block: data moves by the transport's own means (TCP).</summary>
    public const byte TransportDataBlock = 0x5A;

    /// <summary>Keyed data block (RDMA).</summary>
    public const byte KeyedDataBlock = 0x40;

    /// <summary>Keyed data block whose key is to be invalidated with the response (RDMA).</summary>
    public const byte KeyedDataBlockInvalidate = 0x4F;

    /// <summary>Last segment with an offset: more descriptors in the capsule (RDMA).</summary>
    public const byte LastSegmentOffset = 0x31;
}
