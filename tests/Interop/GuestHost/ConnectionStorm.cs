using System.Net;
using Nvmf.Initiator;

namespace Nvmf.Interop.GuestHost;

/// <summary>Connects, writes and reads a little, disconnects; again and again, by several hosts at a time.</summary>
internal static class ConnectionStorm
{
    private const int SlotBytes = 32 << 10;
    private const int ProgressEvery = 100;

    public static async Task RunAsync(NvmeHost host, EndPoint endPoint, string nqn, int times, int atOnce)
    {
        int begun = 0, done = 0;
        await Task.WhenAll(Enumerable.Range(0, atOnce).Select(slot => Task.Run(async () =>
        {
            while (Interlocked.Increment(ref begun) is var round && round <= times)
            {
                await OnceAsync(host, endPoint, nqn, slot, round);
                if (Interlocked.Increment(ref done) % ProgressEvery == 0)
                {
                    Console.WriteLine($"{done} connections");
                }
            }
        })));
        Console.WriteLine($"done: {done} connections");
    }

    private static async Task OnceAsync(NvmeHost host, EndPoint endPoint, string nqn, int slot, int round)
    {
        var options = new NvmeConnectOptions { SubsystemNqn = nqn, HostId = Guid.NewGuid(), QueueCount = 1, QueueDepth = 16, ConnectTimeout = TimeSpan.FromSeconds(60) };
        await using NvmeController controller = await host.ConnectAsync(endPoint, options);

        // Every second one leaves with commands under way; the others with a queue that is at rest.
        NvmeNamespace disk = await controller.OpenNamespaceAsync(1);
        var written = new byte[SlotBytes];
        new Random(round).NextBytes(written);
        ulong block = (ulong)(slot * SlotBytes / disk.BlockSize);
        await disk.WriteAsync(block, written);
        var read = new byte[SlotBytes];
        Task reading = disk.ReadAsync(block, read).AsTask();
        if (round % 2 == 0)
        {
            _ = reading.ContinueWith(static task => task.Exception, TaskScheduler.Default);
            return;
        }

        await reading;
        if (!read.AsSpan().SequenceEqual(written))
        {
            throw new InvalidDataException($"Connection {round}: what was read is not what was written.");
        }
    }
}
