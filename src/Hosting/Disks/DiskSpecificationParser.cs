using System.Globalization;
using Nvmf.Target.Namespaces;

namespace Nvmf.Hosting.Disks;

/// <summary>Reads the written form of a <see cref="DiskSpecification"/>; every mistake gets one sentence.</summary>
internal static class DiskSpecificationParser
{
    public const int DefaultBlockSize = 512;

    private const int MaxDelayMilliseconds = 60_000;
    private const string Forms = "write mem:SIZE, file:PATH or null:SIZE";

    /// <returns>Null, or what is wrong.</returns>
    public static string? Parse(string? text, out DiskSpecification? disk)
    {
        disk = null;
        int colon = text?.IndexOf(':', StringComparison.Ordinal) ?? -1;
        if (string.IsNullOrWhiteSpace(text) || colon < 0)
        {
            return $"'{text}' is not a disk; {Forms}.";
        }

        DiskKind kind;
        switch (text[..colon].ToLowerInvariant())
        {
            case "mem": kind = DiskKind.Memory; break;
            case "file": kind = DiskKind.File; break;
            case "null": kind = DiskKind.Null; break;
            default: return $"'{text}' is not a disk: there is no kind '{text[..colon]}'; {Forms}.";
        }

        List<string> parts = Split(text[(colon + 1)..]);
        var result = new DiskSpecification(kind, null, null, DefaultBlockSize, ReadOnly: false, TimeSpan.Zero);
        if (kind == DiskKind.File)
        {
            if (parts[0].Length == 0)
            {
                return $"'{text}' is not a disk: the path is missing.";
            }

            if (parts[0].Contains('\0'))
            {
                // The system would open what is before it.
                return $"'{text}' is not a disk: there is a NUL in the path.";
            }

            result = result with { Path = parts[0] };
        }
        else if (ParseSize(parts[0], ref result) is { } sizeError)
        {
            return $"'{text}' is not a disk: {sizeError}";
        }

        foreach (string option in parts.Skip(1))
        {
            if (ParseOption(option, ref result) is { } optionError)
            {
                return $"'{text}' is not a disk: {optionError}";
            }
        }

        if (result.SizeInBytes is { } size && size % result.BlockSize != 0)
        {
            return $"'{text}' is not a disk: the size {size} is not a multiple of the block size {result.BlockSize}.";
        }

        if (kind == DiskKind.Memory && result.SizeInBytes > MemoryBackend.MaxSizeInBytes)
        {
            return $"'{text}' is not a disk: a memory disk has at most {ByteSize.Format(MemoryBackend.MaxSizeInBytes)}.";
        }

        disk = result;
        return null;
    }

    private static string? ParseOption(string option, ref DiskSpecification disk)
    {
        string[] pair = option.Split('=', 2);
        string? value = pair.Length == 2 ? pair[1] : null;
        switch (pair[0].ToLowerInvariant())
        {
            case "size" when value is not null && disk.Kind == DiskKind.File:
                return ParseSize(value, ref disk);
            case "block" when value is "512" or "4096":
                disk = disk with { BlockSize = int.Parse(value, CultureInfo.InvariantCulture) };
                return null;
            case "block":
                return $"the block size '{value}' is neither 512 nor 4096.";
            case "readonly" when value is null:
                disk = disk with { ReadOnly = true };
                return null;
            case "delay" when value is not null:
                return ParseDelay(value, ref disk);
            case "reservations" when !string.IsNullOrEmpty(value):
                disk = disk with { ReservationFile = value };
                return null;
            default:
                return $"there is no option '{option}'; the options are {(disk.Kind == DiskKind.File ? "size=SIZE, " : "")}block=512|4096, readonly, delay=MILLISECONDSms and reservations=PATH.";
        }
    }

    private static string? ParseSize(string value, ref DiskSpecification disk)
    {
        if (!ByteSize.TryParse(value, out long bytes, out string? error))
        {
            return error;
        }

        disk = disk with { SizeInBytes = bytes };
        return bytes == 0 ? "the size is 0." : null;
    }

    private static string? ParseDelay(string value, ref DiskSpecification disk)
    {
        ReadOnlySpan<char> digits = value.EndsWith("ms", StringComparison.OrdinalIgnoreCase) ? value.AsSpan()[..^2] : value;
        if (!int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int milliseconds) || milliseconds > MaxDelayMilliseconds)
        {
            return $"the delay '{value}' is not a number of milliseconds from 0 to {MaxDelayMilliseconds}.";
        }

        disk = disk with { Delay = TimeSpan.FromMilliseconds(milliseconds) };
        return null;
    }

    /// <summary>Splits at commas; two of them stand for one that belongs to the text.</summary>
    private static List<string> Split(string text)
    {
        List<string> parts = [];
        var part = new System.Text.StringBuilder();
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != ',')
            {
                part.Append(text[i]);
            }
            else if (i + 1 < text.Length && text[i + 1] == ',')
            {
                part.Append(',');
                i++;
            }
            else
            {
                parts.Add(part.ToString());
                part.Clear();
            }
        }

        parts.Add(part.ToString());
        return parts;
    }
}
