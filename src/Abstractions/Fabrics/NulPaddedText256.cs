using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Nvmf.Abstractions.Fabrics;

/// <summary>UTF-8 text in a field of 256 bytes, padded with NUL: an NVMe qualified name.</summary>
[InlineArray(Length)]
public struct NulPaddedText256
{
    /// <summary>Bytes of the field.</summary>
    public const int Length = 256;

    private byte _first;

    /// <summary>The field as it is on the wire.</summary>
    [UnscopedRef]
    public Span<byte> Bytes => this;

    /// <summary>The field as it is on the wire, for reading.</summary>
    [UnscopedRef]
    public readonly ReadOnlySpan<byte> ReadOnlyBytes => this;

    /// <summary>Writes <paramref name="text"/> and pads it.</summary>
    /// <exception cref="ArgumentException">The text is longer than 255 bytes of UTF-8.</exception>
    public void Set(ReadOnlySpan<char> text) => FixedText.WriteNulPadded(Bytes, text);

    /// <summary>The text up to the first NUL. Bytes from the wire go through <see cref="Nqn.TryRead"/> instead, which tells malformed names.</summary>
    public override readonly string ToString() => FixedText.Read(this);
}
