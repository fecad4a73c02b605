using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Nvmf.Abstractions.Buffers;
using Nvmf.EventLoop;
using Nvmf.Initiator;
using Nvmf.Transport.Tcp;
using Nvmf.Transport.Tcp.QueuePairs;

namespace Nvmf.Bench.Floor;

/// <summary>The three measurements. This process is the client, on a core of its own.</summary>
internal sealed class FloorBench(FloorSettings settings) : IAsyncDisposable
{
    private const int IdleControllers = 10;
    private const int IoQueuesPerController = 9;

    // The runtime goes on compiling what connecting made hot; that is the start, not idleness.
    private static readonly TimeSpan IdleSettleTime = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan SettleWindow = TimeSpan.FromMilliseconds(200);

    private readonly BufferPool _pool = new();
    private TcpConnectionFactory? _connections;

    private TcpConnectionFactory Connections => _connections ??= new TcpConnectionFactory(
        Options.Create(new TcpTransportOptions { BufferPool = _pool, LoopOptions = new EventLoopGroupOptions { Name = "client", Count = 1 } }),
        NullLoggerFactory.Instance);

    /// <summary>Target and floor in turn, case by case, and all of it again with new processes.</summary>
    public async Task MeasureRatiosAsync()
    {
        RatioRow[] rows = [.. settings.Cases.Select(floorCase => new RatioRow(floorCase))];
        for (var start = 0; start < settings.Starts; start++)
        {
            await AddRoundsAsync(rows);
        }

        Console.WriteLine($"\nMedians of {settings.Starts} x {settings.Rounds} interleaved rounds of {settings.Window.TotalSeconds:0.#} s each, {settings.Starts} starts of both servers; server on core {settings.ServerCore}, client on core {settings.ClientCore}.\n");
        Console.WriteLine(RatioRow.Header);
        foreach (var row in rows)
        {
            Console.WriteLine(row);
        }
    }

    /// <summary>
    /// Where a process finds its memory decides which addresses meet in the caches, for as long as it lives: two starts of the same server differ by more than the
    /// rounds of one.
    /// </summary>
    private async Task AddRoundsAsync(IEnumerable<RatioRow> rows)
    {
        await using var floorServer = await ServerProcess.StartAsync(ServerKind.Floor, settings.ServerCore);
        await using var targetServer = await ServerProcess.StartAsync(ServerKind.Target, settings.ServerCore);
        await using var floor = await LoadClient.ConnectAsync(floorServer, Connections, _pool);
        await using var target = await LoadClient.ConnectAsync(targetServer, Connections, _pool);
        await SettleAsync([floor, target]);
        foreach (var row in rows)
        {
            await MeasureRowAsync(floor, target, row);
        }
    }

    private async Task MeasureRowAsync(LoadClient floor, LoadClient target, RatioRow row)
    {
        var floorCase = row.Case;
        var bare = floorCase with { Disk = FloorDisk.Null };
        List<(LoadClient Client, FloorCase Case)> turns = [(floor, bare), (target, floorCase)];
        if (floorCase.Disk == FloorDisk.Memory)
        {
            turns.Add((floor, floorCase));
        }

        foreach (var (client, turn) in turns)
        {
            await client.MeasureAsync(turn, settings.WarmUp);
        }

        for (var round = 0; round < settings.Rounds; round++)
        {
            // Who goes first changes from round to round, so that a drift of the machine favours nobody.
            var results = new Measurement[turns.Count];
            for (var i = 0; i < turns.Count; i++)
            {
                var turn = (i + round) % turns.Count;
                results[turn] = await turns[turn].Client.MeasureAsync(turns[turn].Case, settings.Window);
            }

            row.Add(new Round(results[0], turns.Count == 3 ? results[2] : null, results[1]));
        }
    }

    /// <summary>
    /// Runs all cases in turn: the runtime compiles a method well only after it has been called for a while, and the target has more methods than the
    /// floor. The rounds are to compare servers that have been up for a minute.
    /// </summary>
    private async Task SettleAsync(IReadOnlyList<LoadClient> clients)
    {
        var start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < settings.Settle)
        {
            foreach (var floorCase in settings.Cases)
            {
                foreach (var client in clients)
                {
                    await client.MeasureAsync(floorCase, SettleWindow);
                }
            }
        }
    }

    /// <summary>Bytes that the target allocates per command, after warming up.</summary>
    public async Task MeasureAllocationsAsync()
    {
        await using var server = await ServerProcess.StartAsync(ServerKind.Target, settings.ServerCore);
        await using var target = await LoadClient.ConnectAsync(server, Connections, _pool);
        await SettleAsync([target]);
        Console.WriteLine("\n| case | commands | bytes allocated by the target | per command |\n|---|---:|---:|---:|");
        foreach (var floorCase in settings.Cases)
        {
            await target.MeasureAsync(floorCase, settings.WarmUp);
            var before = await server.GetAllocatedBytesAsync();
            var measurement = await target.MeasureAsync(floorCase, settings.Window);
            // Reading the counter costs a few hundred bytes itself; they are in the figure.
            var bytes = await server.GetAllocatedBytesAsync() - before;
            Console.WriteLine($"| {floorCase.Name} | {measurement.Operations:N0} | {bytes:N0} | {(double)bytes / Math.Max(1, measurement.Operations):0.000} |");
        }
    }

    /// <summary>CPU time of a target whose hundred queue pairs have nothing to do but keep-alive.</summary>
    public async Task MeasureIdleAsync()
    {
        await using var server = await ServerProcess.StartAsync(ServerKind.Target, settings.ServerCore);
        var controllers = new List<NvmeController>();
        try
        {
            for (var i = 0; i < IdleControllers; i++)
            {
                var options = new NvmeConnectOptions { SubsystemNqn = TargetServer.Nqn, QueueCount = IoQueuesPerController, QueueDepth = 31 };
                controllers.Add(await NvmeController.ConnectAsync(new TcpHostQueuePairConnector(Connections), server.EndPoint, options, _pool));
            }

            var queues = controllers.Sum(controller => controller.IoQueues.Count + 1);
            await Task.Delay(IdleSettleTime);
            var cpu = server.Cpu;
            var start = Stopwatch.GetTimestamp();
            await Task.Delay(settings.IdleTime);
            var used = server.Cpu - cpu;
            Console.WriteLine($"\nIdle target with {queues} connected queue pairs: {used / Stopwatch.GetElapsedTime(start):P2} of a core over {settings.IdleTime.TotalSeconds:0} s, {IdleSettleTime.TotalSeconds:0} s after connecting.");
        }
        finally
        {
            foreach (var controller in controllers)
            {
                await controller.DisposeAsync();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_connections is not null)
        {
            await _connections.DisposeAsync();
        }

        _pool.Dispose();
    }
}
