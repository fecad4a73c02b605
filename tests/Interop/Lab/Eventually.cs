using System.Diagnostics;

namespace Nvmf.Interop.Lab;

/// <summary>Awaits conditions that become true some time after their cause.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    public static Task TrueAsync(Func<bool> condition, TimeSpan deadline, Func<string> expected) =>
        TrueAsync(() => Task.FromResult(condition()), deadline, expected);

    public static async Task TrueAsync(Func<Task<bool>> condition, TimeSpan deadline, Func<string> expected)
    {
        long start = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(start) > deadline)
            {
                throw new TimeoutException($"not within {deadline.TotalSeconds:0.#} s: {expected()}");
            }

            await Task.Delay(Interval);
        }
    }
}
