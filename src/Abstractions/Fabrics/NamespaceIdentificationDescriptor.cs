using System.Buffers.Binary;

namespace Nvmf.Abstractions.Fabrics;

/// <summary>Reads a list of namespace identification descriptors, CNS 03h (NVMe Base, Namespace Identification Descriptor).</summary>
/// <param name="type">NIDT; may be one that <see cref="NamespaceIdentifierType"/> does not know.</param>
/// <param name="identifier">The identifier's bytes (NID).</param>
public readonly ref struct NamespaceIdentificationDescriptor(NamespaceIdentifierType type, ReadOnlySpan<byte> identifier)
{
    /// <summary>Bytes before the identifier: NIDT, NIDL and two reserved bytes.</summary>
    public const int HeaderSize = 4;

    /// <summary>NIDT.</summary>
    public NamespaceIdentifierType Type { get; } = type;

    /// <summary>NID.</summary>
    public ReadOnlySpan<byte> Identifier { get; } = identifier;

    /// <summary>Reads the first descriptor of <paramref name="list"/> and moves <paramref name="list"/> behind it.</summary>
    /// <returns>False at the end of the list (NIDL 0, or nothing left) or when the descriptor runs over its end.</returns>
    public static bool TryRead(ref ReadOnlySpan<byte> list, out NamespaceIdentificationDescriptor descriptor)
    {
        descriptor = default;
        if (list.Length < HeaderSize || list[1] == 0 || list.Length - HeaderSize < list[1])
        {
            return false;
        }

        int length = list[1];
        descriptor = new((NamespaceIdentifierType)list[0], list.Slice(HeaderSize, length));
        list = list[(HeaderSize + length)..];
        return true;
    }

    /// <summary>Writes a UUID descriptor.</summary>
    /// <returns>The part of <paramref name="destination"/> behind the descriptor.</returns>
    public static Span<byte> WriteUuid(Span<byte> destination, Guid uuid)
    {
        Span<byte> identifier = WriteHeader(destination, NamespaceIdentifierType.Uuid, Identifier128.Size);
        uuid.TryWriteBytes(identifier, bigEndian: true, out _);
        return destination[(HeaderSize + Identifier128.Size)..];
    }

    /// <summary>Writes an NGUID descriptor.</summary>
    /// <returns>The part of <paramref name="destination"/> behind the descriptor.</returns>
    public static Span<byte> WriteNguid(Span<byte> destination, Identifier128 nguid)
    {
        nguid.CopyTo(WriteHeader(destination, NamespaceIdentifierType.Nguid, Identifier128.Size));
        return destination[(HeaderSize + Identifier128.Size)..];
    }

    /// <summary>Writes an EUI64 descriptor.</summary>
    /// <returns>The part of <paramref name="destination"/> behind the descriptor.</returns>
    public static Span<byte> WriteEui64(Span<byte> destination, ulong eui64)
    {
        BinaryPrimitives.WriteUInt64BigEndian(WriteHeader(destination, NamespaceIdentifierType.Eui64, sizeof(ulong)), eui64);
        return destination[(HeaderSize + sizeof(ulong))..];
    }

    /// <summary>Writes a command set descriptor.</summary>
    /// <returns>The part of <paramref name="destination"/> behind the descriptor.</returns>
    public static Span<byte> WriteCommandSet(Span<byte> destination, CommandSetIdentifier commandSet)
    {
        WriteHeader(destination, NamespaceIdentifierType.CommandSet, 1)[0] = (byte)commandSet;
        return destination[(HeaderSize + 1)..];
    }

    private static Span<byte> WriteHeader(Span<byte> destination, NamespaceIdentifierType type, int length)
    {
        Span<byte> identifier = destination.Slice(HeaderSize, length);
        destination[0] = (byte)type;
        destination[1] = (byte)length;
        destination[2] = 0;
        destination[3] = 0;
        return identifier;
    }
}
