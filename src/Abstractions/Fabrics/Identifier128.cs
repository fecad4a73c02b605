using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Nvmf.Abstractions.Fabrics;

/// <summary>A 16 byte identifier in wire order (HOSTID, NGUID, UUID): compared byte by byte.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct Identifier128
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 16;

    private readonly ulong _first;
    private readonly ulong _second;

    /// <summary>Takes the 16 bytes as they are on the wire.</summary>
    /// <exception cref="ArgumentException"><paramref name="bytes"/> is not 16 bytes long.</exception>
    public Identifier128(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size)
        {
            throw new ArgumentException("An identifier has 16 bytes.", nameof(bytes));
        }

        this = WireStructure.Read<Identifier128>(bytes);
    }

    /// <summary>Takes a UUID; on the wire it is big endian (RFC 4122).</summary>
    public Identifier128(Guid uuid)
    {
        Span<byte> bytes = stackalloc byte[Size];
        uuid.TryWriteBytes(bytes, bigEndian: true, out _);
        this = WireStructure.Read<Identifier128>(bytes);
    }

    /// <summary>All bytes are zero: there is no identifier.</summary>
    public bool IsZero => (_first | _second) == 0;

    /// <summary>The identifier as UUID.</summary>
    public Guid ToGuid()
    {
        Span<byte> bytes = stackalloc byte[Size];
        CopyTo(bytes);
        return new Guid(bytes, bigEndian: true);
    }

    /// <summary>Writes the 16 bytes in wire order.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="destination"/> is shorter than 16 bytes.</exception>
    public void CopyTo(Span<byte> destination) => WireStructure.Write(destination, in this);

    /// <summary>32 hexadecimal digits in wire order.</summary>
    public override string ToString() =>
        Convert.ToHexStringLower(MemoryMarshal.AsBytes(new ReadOnlySpan<Identifier128>(in Unsafe.AsRef(in this))));
}
