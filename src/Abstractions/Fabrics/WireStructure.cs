using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Nvmf.Abstractions.Fabrics;

/// <summary>
/// Reads and writes the structures of this namespace. They are laid out as on the wire, little endian, so this is a copy; hosts of the
/// other byte order are not supported.
/// </summary>
public static class WireStructure
{
    /// <summary>Copies a structure out of the first bytes of <paramref name="source"/>; any alignment.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="source"/> is shorter than the structure.</exception>
    public static T Read<T>(ReadOnlySpan<byte> source)
        where T : unmanaged
    {
        ThrowIfBigEndian();
        return MemoryMarshal.Read<T>(source);
    }

    /// <summary>Copies a structure to the first bytes of <paramref name="destination"/>; any alignment.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="destination"/> is shorter than the structure.</exception>
    public static void Write<T>(Span<byte> destination, in T value)
        where T : unmanaged
    {
        ThrowIfBigEndian();
        MemoryMarshal.Write(destination, in value);
    }

    /// <summary>
    /// The first bytes of <paramref name="memory"/> as a structure in place. Only for memory that nobody else writes to meanwhile, and on
    /// processors that allow unaligned access or for aligned memory.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="memory"/> is shorter than the structure.</exception>
    public static ref T View<T>(Span<byte> memory)
        where T : unmanaged
    {
        ThrowIfBigEndian();
        ArgumentOutOfRangeException.ThrowIfLessThan(memory.Length, Unsafe.SizeOf<T>(), nameof(memory));
        return ref Unsafe.As<byte, T>(ref MemoryMarshal.GetReference(memory));
    }

    /// <summary>A structure as bytes.</summary>
    public static ReadOnlySpan<byte> AsBytes<T>(ref readonly T value)
        where T : unmanaged
    {
        ThrowIfBigEndian();
        return MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value));
    }

    // Constant folded by the JIT.
    private static void ThrowIfBigEndian()
    {
        if (!BitConverter.IsLittleEndian)
        {
            throw new PlatformNotSupportedException("NVMe structures need a little-endian processor.");
        }
    }
}
