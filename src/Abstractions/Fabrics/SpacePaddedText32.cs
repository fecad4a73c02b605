using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Nvmf.Abstractions.Fabrics;

/// <summary>ASCII text in a field of 32 bytes, padded with spaces.</summary>
[InlineArray(Length)]
public struct SpacePaddedText32
{
    /// <summary>Bytes of the field.</summary>
    public const int Length = 32;

    private byte _first;

    /// <summary>The field as it is on the wire.</summary>
    [UnscopedRef]
    public Span<byte> Bytes => this;

    /// <summary>The field as it is on the wire, for reading.</summary>
    [UnscopedRef]
    public readonly ReadOnlySpan<byte> ReadOnlyBytes => this;

    /// <summary>Writes <paramref name="text"/> and pads it.</summary>
    /// <exception cref="ArgumentException">The text is longer than 32 bytes or not printable ASCII.</exception>
    public void Set(ReadOnlySpan<char> text) => FixedText.WriteSpacePadded(Bytes, text);

    /// <summary>The text without its padding.</summary>
    public override readonly string ToString() => FixedText.Read(this);
}
