using System.Runtime.InteropServices;

namespace Nvmf.Abstractions.Fabrics;

/// <summary>An unsigned 128-bit little-endian number of a wire structure, without the alignment that <see cref="UInt128"/> asks for.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct Counter128
{
    private readonly ulong _low;
    private readonly ulong _high;

    /// <summary>Makes a counter.</summary>
    public Counter128(UInt128 value)
    {
        _low = (ulong)value;
        _high = (ulong)(value >> 64);
    }

    /// <summary>The number.</summary>
    public UInt128 Value => new(_high, _low);

    /// <summary>The number.</summary>
    public static implicit operator UInt128(Counter128 counter) => counter.Value;

    /// <summary>Makes a counter.</summary>
    public static implicit operator Counter128(UInt128 value) => new(value);

    /// <summary>Makes a counter.</summary>
    public static implicit operator Counter128(ulong value) => new(value);

    /// <summary>The number.</summary>
    public UInt128 ToUInt128() => Value;

    /// <summary>Makes a counter.</summary>
    public static Counter128 FromUInt128(UInt128 value) => new(value);

    /// <inheritdoc/>
    public override string ToString() => Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
