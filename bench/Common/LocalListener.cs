using System.Globalization;
using System.Net;

namespace Nvmf.Bench;

/// <summary>Finds the process that listens on a local port, by the inode in /proc/net/tcp.</summary>
internal static class LocalListener
{
    private const string ListenState = "0A";

    /// <returns>Null when there is none, or its descriptors may not be looked at.</returns>
    public static int? FindProcess(IPEndPoint endPoint)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        var inodes = new HashSet<string>(StringComparer.Ordinal);
        foreach (var table in new[] { "/proc/net/tcp", "/proc/net/tcp6" })
        {
            CollectInodes(table, endPoint.Port, inodes);
        }

        return inodes.Count == 0 ? null : FindOwner(inodes);
    }

    private static void CollectInodes(string table, int port, HashSet<string> inodes)
    {
        if (!File.Exists(table))
        {
            return;
        }

        var suffix = ":" + port.ToString("X4", CultureInfo.InvariantCulture);
        foreach (var line in File.ReadLines(table).Skip(1))
        {
            var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length > 9 && fields[1].EndsWith(suffix, StringComparison.Ordinal) && fields[3] == ListenState)
            {
                inodes.Add($"socket:[{fields[9]}]");
            }
        }
    }

    private static int? FindOwner(HashSet<string> sockets)
    {
        foreach (var process in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(process), NumberStyles.None, CultureInfo.InvariantCulture, out var pid))
            {
                continue;
            }

            try
            {
                foreach (var descriptor in Directory.EnumerateFiles(Path.Combine(process, "fd")))
                {
                    if (new FileInfo(descriptor).LinkTarget is { } link && sockets.Contains(link))
                    {
                        return pid;
                    }
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Somebody else's process, or one that has just ended.
            }
        }

        return null;
    }
}
