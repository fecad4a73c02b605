using System.Text;

namespace Nvmf.Abstractions.Fabrics;

/// <summary>Text in fields of fixed length.</summary>
public static class FixedText
{
    /// <summary>Writes ASCII text and fills the rest of the field with spaces.</summary>
    /// <exception cref="ArgumentException">The text is longer than the field or not printable ASCII (20h to 7Eh).</exception>
    public static void WriteSpacePadded(Span<byte> field, ReadOnlySpan<char> text)
    {
        if (text.Length > field.Length)
        {
            throw new ArgumentException($"The text '{text}' is longer than the field's {field.Length} bytes.", nameof(text));
        }

        if (text.ContainsAnyExceptInRange(' ', '~'))
        {
            throw new ArgumentException($"The text '{text}' holds characters other than printable ASCII.", nameof(text));
        }

        Encoding.ASCII.GetBytes(text, field);
        field[text.Length..].Fill((byte)' ');
    }

    /// <summary>Writes UTF-8 text and fills the rest of the field with NUL; at least one NUL remains.</summary>
    /// <exception cref="ArgumentException">The text does not leave room for a NUL, or contains one.</exception>
    public static void WriteNulPadded(Span<byte> field, ReadOnlySpan<char> text)
    {
        int length = Encoding.UTF8.GetByteCount(text);
        if (length >= field.Length)
        {
            throw new ArgumentException($"The text '{text}' is longer than the {field.Length - 1} bytes of its field.", nameof(text));
        }

        if (text.Contains('\0'))
        {
            throw new ArgumentException($"The text '{text}' contains a NUL.", nameof(text));
        }

        Encoding.UTF8.GetBytes(text, field);
        field[length..].Clear();
    }

    /// <summary>The text of a field up to the first NUL or its end, without trailing spaces. Malformed UTF-8 becomes U+FFFD.</summary>
    public static string Read(ReadOnlySpan<byte> field)
    {
        int end = field.IndexOf((byte)0);
        return Encoding.UTF8.GetString((end < 0 ? field : field[..end]).TrimEnd((byte)' '));
    }
}
