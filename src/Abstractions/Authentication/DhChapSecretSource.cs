using System.Diagnostics.CodeAnalysis;

namespace Nvmf.Abstractions.Authentication;

/// <summary>
/// Where a secret is: <c>file:PATH</c>, <c>env:NAME</c> (an environment variable), or the secret itself. A secret on a command line or in a configuration file is
/// read by whoever reads these.
/// </summary>
public static class DhChapSecretSource
{
    private const string FilePrefix = "file:";
    private const string EnvironmentPrefix = "env:";
    private const int MaxFileLength = 4096;

    /// <summary>True when <paramref name="source"/> is the secret itself.</summary>
    public static bool IsInline(string source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return !source.StartsWith(FilePrefix, StringComparison.Ordinal) && !source.StartsWith(EnvironmentPrefix, StringComparison.Ordinal);
    }

    /// <summary>Reads the secret. White space around one in a file or a variable does not matter.</summary>
    /// <param name="source">Where it is.</param>
    /// <param name="secret">The secret, the caller's to dispose.</param>
    /// <param name="error">One sentence, which does not repeat the secret.</param>
    public static bool TryRead(string source, [NotNullWhen(true)] out DhChapSecret? secret, [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(source);
        secret = null;
        if (source.StartsWith(FilePrefix, StringComparison.Ordinal))
        {
            string path = source[FilePrefix.Length..];
            return TryReadFile(path, out string? text, out error) && TryParse(text, $"the file '{path}'", out secret, out error);
        }

        if (source.StartsWith(EnvironmentPrefix, StringComparison.Ordinal))
        {
            string name = source[EnvironmentPrefix.Length..];
            string? value = name.Length == 0 ? null : Environment.GetEnvironmentVariable(name);
            error = $"There is no environment variable '{name}' with a DH-HMAC-CHAP secret.";
            return value != null && TryParse(value, $"the environment variable '{name}'", out secret, out error);
        }

        return DhChapSecret.TryParse(source, out secret, out error);
    }

    private static bool TryParse(string text, string place, [NotNullWhen(true)] out DhChapSecret? secret, [NotNullWhen(false)] out string? error)
    {
        if (DhChapSecret.TryParse(text.AsSpan().Trim(), out secret, out error))
        {
            return true;
        }

        error = $"In {place}: {error}";
        return false;
    }

    private static bool TryReadFile(string path, [NotNullWhen(true)] out string? text, [NotNullWhen(false)] out string? error)
    {
        text = null;
        error = null;
        try
        {
            using FileStream file = File.OpenRead(path);
            Span<byte> bytes = stackalloc byte[MaxFileLength];
            int length = file.ReadAtLeast(bytes, MaxFileLength, throwOnEndOfStream: false);
            if (length < MaxFileLength)
            {
                text = System.Text.Encoding.UTF8.GetString(bytes[..length]);
                System.Security.Cryptography.CryptographicOperations.ZeroMemory(bytes);
                return true;
            }

            error = $"The file '{path}' is no file of a DH-HMAC-CHAP secret: it is too long.";
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            error = $"The DH-HMAC-CHAP secret cannot be read: {failure.Message}";
        }

        return false;
    }
}
