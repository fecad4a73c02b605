using System.Net;
using Nvmf.Initiator;
using Nvmf.Initiator.Multipath;

namespace Nvmf.Interop.GuestHost;

/// <summary>
/// <see cref="AcknowledgedWrites"/> until a file appears; then everything is read back, unless the file says "give up": there is no path then. Prints a line "PATH-STATES WRITES" ten times a second.
/// </summary>
internal static class WritingSession
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    public static async Task RunAsync(NvmeHost host, EndPoint[] paths, string nqn, uint namespaceId, TimeSpan keepAlive, string stopFile)
    {
        var options = new NvmeMultipathOptions
        {
            // The Linux target knows no Cross-Controller Reset: three of these are waited before a lost write is sent again.
            Connect = new NvmeConnectOptions { SubsystemNqn = nqn, QueueCount = 2, KeepAlive = keepAlive },
            ReconnectDelay = TimeSpan.FromMilliseconds(500),
        };
        await using NvmeSubsystemConnection subsystem = await host.ConnectSubsystemAsync(paths, options);
        var writes = new AcknowledgedWrites(await subsystem.OpenNamespaceAsync(namespaceId));
        using var stop = new CancellationTokenSource();
        Task running = writes.RunAsync(stop.Token);
        while (!running.IsCompleted && !File.Exists(stopFile))
        {
            Console.WriteLine($"{string.Join(',', subsystem.Paths.Select(static path => path.State))} {writes.Count}");
            await Task.WhenAny(running, Task.Delay(Interval));
        }

        await stop.CancelAsync();
        if (!running.IsCompleted && (await File.ReadAllTextAsync(stopFile)).StartsWith("give up", StringComparison.Ordinal))
        {
            await subsystem.DisposeAsync();
            await running.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            Console.WriteLine($"gave up {running.Exception?.InnerExceptions.Count ?? 0} writes: {running.Exception?.InnerException?.Message}");
            return;
        }

        await running;
        await writes.VerifyAsync();
        Console.WriteLine($"verified {writes.Count} writes, {subsystem.Paths.Sum(static path => path.Associations)} associations");
    }
}
