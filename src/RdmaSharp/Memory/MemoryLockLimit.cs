using System.Globalization;

namespace RdmaSharp;

/// <summary>Why a registration was refused, in a sentence.</summary>
internal static class MemoryLockLimit
{
    /// <summary>Null if it does not look like the limit on locked memory.</summary>
    public static string? Advice(int error, nuint length) =>
        error is Errno.ENOMEM or Errno.EPERM or Errno.EAGAIN ? Describe(length, Current()) : null;

    public static string Describe(nuint length, ulong? limit)
    {
        string now = limit is { } bytes ? string.Create(CultureInfo.InvariantCulture, $" (now {bytes} bytes)") : "";
        return string.Create(CultureInfo.InvariantCulture,
            $"Registering {length} bytes locks them in memory: raise the limit on locked memory{now} with 'ulimit -l unlimited' or LimitMEMLOCK=infinity, or give the process CAP_IPC_LOCK.");
    }

    /// <summary>Null when there is no limit, or it cannot be read.</summary>
    private static ulong? Current()
    {
        try
        {
            // Max locked memory  SOFT  HARD  bytes
            string? line = File.ReadLines("/proc/self/limits").FirstOrDefault(static text => text.StartsWith("Max locked memory", StringComparison.Ordinal));
            string[] words = line?["Max locked memory".Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
            return words.Length > 0 && ulong.TryParse(words[0], CultureInfo.InvariantCulture, out ulong bytes) ? bytes : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
