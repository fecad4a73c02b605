using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Nvmf.Transport.Tcp;

/// <summary>When sends go out with MSG_ZEROCOPY instead of being copied into the kernel. Only leases can; the choice is made per lease by length.</summary>
/// <remarks>Whatever the mode, a send that the kernel refuses to do without copying is copied, and counted by reason.</remarks>
public readonly record struct ZeroCopyMode
{
    /// <summary>Below this length copying is cheaper than pinning pages and reading a notification: 16 KiB.</summary>
    public const int DefaultThreshold = 16 << 10;

    private readonly Kind _kind;
    private readonly int _bytes;

    private ZeroCopyMode(Kind kind, int bytes)
    {
        _kind = kind;
        _bytes = bytes;
    }

    private enum Kind : byte
    {
        Auto,
        Fixed,
        Never,
    }

    /// <summary>
    /// From <see cref="DefaultThreshold"/> on, except to peers on the same host, and not any longer on a connection whose notifications keep
    /// saying that the kernel copied after all. The default.
    /// </summary>
    public static ZeroCopyMode Auto => default;

    /// <summary>Every lease, whatever its length and peer.</summary>
    public static ZeroCopyMode Always => new(Kind.Fixed, 1);

    /// <summary>Copy everything.</summary>
    public static ZeroCopyMode Never => new(Kind.Never, 0);

    /// <summary>True for <see cref="Auto"/>.</summary>
    public bool IsAuto => _kind == Kind.Auto;

    /// <summary>Shortest lease in bytes that is sent without copying; <see cref="int.MaxValue"/> for none.</summary>
    public int Threshold => _kind switch
    {
        Kind.Auto => DefaultThreshold,
        Kind.Fixed => _bytes,
        _ => int.MaxValue,
    };

    /// <summary>From <paramref name="bytes"/> (at least 1) on, whatever the peer.</summary>
    public static ZeroCopyMode AtLeast(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes, 1);
        return new ZeroCopyMode(Kind.Fixed, bytes);
    }

    /// <summary>Reads <c>auto</c>, <c>always</c>, <c>never</c> or a number of bytes with an optional <c>KiB</c> or <c>MiB</c>.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out ZeroCopyMode mode)
    {
        mode = default;
        if (text is null)
        {
            return false;
        }

        ReadOnlySpan<char> span = text.AsSpan().Trim();
        if (span.Equals("auto", StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        if (span.Equals("always", StringComparison.OrdinalIgnoreCase))
        {
            return Take(Always, out mode);
        }

        if (span.Equals("never", StringComparison.OrdinalIgnoreCase))
        {
            return Take(Never, out mode);
        }

        int shift = span.EndsWith("MiB", StringComparison.OrdinalIgnoreCase) ? 20 : span.EndsWith("KiB", StringComparison.OrdinalIgnoreCase) ? 10 : 0;
        if (shift > 0)
        {
            span = span[..^3].TrimEnd();
        }

        if (!int.TryParse(span, NumberStyles.None, CultureInfo.InvariantCulture, out int number))
        {
            return false;
        }

        long bytes = (long)number << shift;
        return bytes is >= 1 and <= int.MaxValue && Take(AtLeast((int)bytes), out mode);
    }

    /// <summary>The text that <see cref="TryParse"/> reads.</summary>
    public override string ToString() => _kind switch
    {
        Kind.Auto => "auto",
        Kind.Never => "never",
        _ => _bytes == 1 ? "always" : _bytes.ToString(CultureInfo.InvariantCulture),
    };

    private static bool Take(ZeroCopyMode value, out ZeroCopyMode mode)
    {
        mode = value;
        return true;
    }
}
