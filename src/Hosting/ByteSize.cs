using System.Globalization;

namespace Nvmf.Hosting;

/// <summary>
/// Sizes as people write them: a whole number of bytes, or one with a unit of 1024's powers, <c>k</c>, <c>M</c>, <c>G</c>, <c>T</c> or
/// <c>KiB</c>, <c>MiB</c>, <c>GiB</c>, <c>TiB</c>, in any case. <c>kB</c> and <c>MB</c> are refused, because nobody can tell 1000 from 1024 there.
/// </summary>
public static class ByteSize
{
    private static readonly string[] Units = ["", "KiB", "MiB", "GiB", "TiB"];

    /// <summary>Parses a size.</summary>
    /// <param name="text">For example <c>256MiB</c>.</param>
    /// <param name="bytes">0 or more, when true is returned.</param>
    /// <param name="error">Otherwise one sentence that says what is wrong.</param>
    public static bool TryParse(
        string? text, out long bytes, [System.Diagnostics.CodeAnalysis.NotNullWhen(false)] out string? error)
    {
        bytes = 0;
        ReadOnlySpan<char> trimmed = text.AsSpan().Trim();
        int digits = trimmed.IndexOfAnyExceptInRange('0', '9') is var end and >= 0 ? end : trimmed.Length;
        if (digits == 0)
        {
            error = $"'{text}' is not a size; write a number and a unit, like 256MiB.";
            return false;
        }

        int power = trimmed[digits..].Trim().ToString().ToUpperInvariant() switch
        {
            "" or "B" => 0,
            "K" or "KIB" => 1,
            "M" or "MIB" => 2,
            "G" or "GIB" => 3,
            "T" or "TIB" => 4,
            _ => -1,
        };
        if (power < 0)
        {
            error = $"'{text}' is not a size: there is no unit '{trimmed[digits..].Trim()}', only KiB, MiB, GiB and TiB, or k, M, G and T for short.";
            return false;
        }

        if (!long.TryParse(trimmed[..digits], NumberStyles.None, CultureInfo.InvariantCulture, out long number) || number > long.MaxValue >> (10 * power))
        {
            error = $"'{text}' is too large for a size.";
            return false;
        }

        bytes = number << (10 * power);
        error = null;
        return true;
    }

    /// <summary>The shortest exact form, for example <c>256MiB</c> or <c>1000</c>. <see cref="TryParse"/> reads it back.</summary>
    public static string Format(long bytes)
    {
        int power = bytes == 0 ? 0 : Math.Min(long.TrailingZeroCount(bytes) is var zeros ? (int)zeros / 10 : 0, Units.Length - 1);
        return (bytes >> (10 * power)).ToString(CultureInfo.InvariantCulture) + Units[power];
    }
}
