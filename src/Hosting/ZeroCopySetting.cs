using System.Diagnostics.CodeAnalysis;
using Nvmf.Transport.Tcp;

namespace Nvmf.Hosting;

/// <summary>The written form of a <see cref="ZeroCopyMode"/>: <c>auto</c>, <c>always</c>, <c>never</c> or a size as <see cref="ByteSize"/> reads it.</summary>
public static class ZeroCopySetting
{
    /// <summary>Parses a setting.</summary>
    /// <param name="text">For example <c>16KiB</c>.</param>
    /// <param name="mode">The mode, when true is returned.</param>
    /// <param name="error">Otherwise one sentence that says what is wrong.</param>
    public static bool TryParse(string? text, out ZeroCopyMode mode, [NotNullWhen(false)] out string? error)
    {
        error = null;
        if (ZeroCopyMode.TryParse(text, out mode))
        {
            return true;
        }

        if (ByteSize.TryParse(text, out long bytes, out _) && bytes is >= 1 and <= int.MaxValue)
        {
            mode = ZeroCopyMode.AtLeast((int)bytes);
            return true;
        }

        error = $"'{text}' is not a zero-copy mode; write auto, always, never or a size from 1 byte to 2 GiB.";
        return false;
    }
}
