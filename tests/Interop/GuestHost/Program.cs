using System.Globalization;
using System.Net;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;
using Nvmf.Initiator;
using Nvmf.Interop.GuestHost;
using Nvmf.Transport.Rdma;
using Nvmf.Transport.Tcp;

var violations = new List<BufferPoisonViolation>();
using var pool = new BufferPool(new BufferPoolOptions { Poison = true });
pool.PoisonViolated += violation =>
{
    lock (violations)
    {
        violations.Add(violation);
    }
};

await using (var rdma = new RdmaHostQueuePairConnector(pool))
// Zero-copy for everything: what the network still holds is then the writer's memory.
await using (var host = new NvmeHost(pool, new TcpTransportOptions { BufferPool = pool, ZeroCopy = ZeroCopyMode.Always }, connectors: [rdma]))
{
    switch (args)
    {
        case ["storm", var nqn, var address, var times, var atOnce]:
            await ConnectionStorm.RunAsync(host, await ResolveAsync(address), nqn, Number(times), Number(atOnce));
            break;
        case ["writes", var nqn, var nsid, var keepAlive, var stopFile, .. var addresses]:
            await WritingSession.RunAsync(
                host, await Task.WhenAll(addresses.Select(ResolveAsync)), nqn, (uint)Number(nsid), TimeSpan.FromSeconds(Number(keepAlive)), stopFile);
            break;
        case ["pr", var device, var command, .. var numbers]:
            Console.WriteLine($"pr {command}: {KernelReservation.Run(device, command, numbers)}");
            break;
        default:
            await Console.Error.WriteLineAsync("GuestHost storm NQN ADDRESS TIMES AT-ONCE | writes NQN NSID KEEP-ALIVE STOP-FILE ADDRESS... | pr DEVICE COMMAND NUMBER...");
            return 1;
    }
}

// Every queue pair has ended, so every buffer is back, and nobody wrote to one that was free: the check is made when the pool goes.
BufferPoolStatistics held = pool.Statistics;
pool.Dispose();
Console.WriteLine($"held at the end: {held.RentedBlocks} buffers; damaged: {violations.Count}");
return held.RentedBlocks == 0 && violations.Count == 0 ? 0 : 2;

static async Task<EndPoint> ResolveAsync(string address) => await FabricsAddress.Parse(address).ResolveAsync();

static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
