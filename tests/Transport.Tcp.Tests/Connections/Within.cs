using System.Diagnostics;

namespace Nvmf.Transport.Tcp.Tests.Connections;

/// <summary>Waiting with a limit that only a hang reaches.</summary>
internal static class Within
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public static async Task Until(Func<bool> condition, string what)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(start) > Limit)
            {
                throw new TimeoutException($"Not within {Limit}: {what}.");
            }

            await Task.Delay(2);
        }
    }
}
