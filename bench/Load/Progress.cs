using System.Diagnostics;

namespace Nvmf.Bench.Load;

/// <summary>A line per second, on a terminal only.</summary>
internal sealed class Progress(LoadWorker[] workers)
{
    private readonly bool _visible = !Console.IsErrorRedirected;

    public async Task WatchAsync(string phase, int size, Task task)
    {
        var start = Stopwatch.GetTimestamp();
        var last = Sum();
        while (await Task.WhenAny(task, Task.Delay(1000)) != task)
        {
            var now = Sum();
            if (_visible)
            {
                Console.Error.Write(
                    $"\r{phase} {Stopwatch.GetElapsedTime(start).TotalSeconds,4:0} s  {now - last,9:N0} IOPS  {(now - last) * (double)size / (1 << 20),8:N0} MiB/s   ");
            }

            last = now;
        }

        if (_visible)
        {
            Console.Error.Write("\r" + new string(' ', 60) + "\r");
        }

        await task;
    }

    private long Sum() => workers.Sum(worker => worker.Done);
}
