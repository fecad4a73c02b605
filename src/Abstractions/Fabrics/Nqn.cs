using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;

namespace Nvmf.Abstractions.Fabrics;

/// <summary>NVMe qualified names (NVMe Base, NVMe Qualified Names).</summary>
public static class Nqn
{
    /// <summary>Longest name in bytes of UTF-8, without the terminating NUL.</summary>
    public const int MaxLength = 223;

    /// <summary>Bytes of the field that carries a name on the wire.</summary>
    public const int FieldLength = 256;

    /// <summary>The well-known name of discovery subsystems.</summary>
    public const string Discovery = "nqn.2014-08.org.nvmexpress.discovery";

    private const string Prefix = "nqn.";

    /// <summary>A name made of a UUID: nqn.2014-08.org.nvmexpress:uuid:….</summary>
    public static string FromUuid(Guid uuid) => $"nqn.2014-08.org.nvmexpress:uuid:{uuid:D}";

    /// <summary>The name starts with "nqn.", is at most 223 bytes of UTF-8 and holds no control characters or spaces.</summary>
    public static bool IsValid([NotNullWhen(true)] string? name) => Describe(name) == null;

    /// <summary>Null for a valid name, otherwise one sentence that says what is wrong with it.</summary>
    public static string? Describe(string? name)
    {
        if (string.IsNullOrEmpty(name))
        {
            return "The NVMe qualified name is empty.";
        }

        if (!name.StartsWith(Prefix, StringComparison.Ordinal) || name.Length == Prefix.Length)
        {
            return $"The NVMe qualified name '{name}' does not start with 'nqn.' and a naming authority.";
        }

        if (Encoding.UTF8.GetByteCount(name) > MaxLength)
        {
            return $"The NVMe qualified name is longer than {MaxLength} bytes.";
        }

        foreach (char c in name)
        {
            if (char.IsControl(c) || char.IsWhiteSpace(c))
            {
                return "The NVMe qualified name holds a control character or white space.";
            }
        }

        return null;
    }

    /// <summary>Throws when <paramref name="name"/> is not valid.</summary>
    /// <exception cref="ArgumentException">With the sentence of <see cref="Describe"/>.</exception>
    public static void ThrowIfInvalid([NotNull] string? name, string? parameterName = null)
    {
        if (Describe(name) is { } reason)
        {
            throw new ArgumentException(reason, parameterName);
        }

        _ = name ?? throw new ArgumentNullException(parameterName);
    }

    /// <summary>
    /// Reads a name from a field of the wire (up to 256 bytes). The text may be empty (some hosts send no name) and is not checked
    /// further than its form: see <see cref="IsValid"/>.
    /// </summary>
    /// <returns>False: no NUL within the first 224 bytes, or malformed UTF-8.</returns>
    public static bool TryRead(ReadOnlySpan<byte> field, [NotNullWhen(true)] out string? name)
    {
        name = null;
        int end = field[..Math.Min(field.Length, MaxLength + 1)].IndexOf((byte)0);
        if (end < 0 || !Utf8.IsValid(field[..end]))
        {
            return false;
        }

        name = Encoding.UTF8.GetString(field[..end]);
        return true;
    }
}
