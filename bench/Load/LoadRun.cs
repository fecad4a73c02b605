using System.Net;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Fabrics;
using Nvmf.EventLoop;
using Nvmf.Initiator;
using Nvmf.Transport.Tcp;

namespace Nvmf.Bench.Load;

/// <summary>One run from connecting to the report.</summary>
internal sealed class LoadRun(LoadOptions options, CancellationToken cancellationToken)
{
    // When verifying, what one run works on unless told otherwise: every slot is written and read at least once.
    private const long VerifySpan = 256L << 20;

    public async Task<bool> ExecuteAsync()
    {
        var endPoints = new List<EndPoint>();
        foreach (var address in options.Targets)
        {
            endPoints.Add(await address.ResolveAsync(cancellationToken));
        }

        using var pool = new BufferPool(new BufferPoolOptions { LimitInBytes = Math.Max(256L << 20, 2L * options.Queues * options.Depth * RoundUp(options.Size)) });
        await using var host = new NvmeHost(
            pool,
            new TcpTransportOptions
            {
                BufferPool = pool,
                LoopOptions = new EventLoopGroupOptions { Name = "load", Count = options.Loops, SpinDuration = options.Spin },
            });
        var nqn = options.Nqn ?? await FindSubsystemAsync(host, endPoints[0]);
        await using var target = await LoadTarget.ConnectAsync(host, endPoints, ConnectOptions(nqn), options, cancellationToken);
        CheckSize(target.Disk);
        var workers = CreateWorkers(target, pool);
        var pid = options.TargetPid ?? (endPoints[0] is IPEndPoint ip && IsLocal(ip) ? LocalListener.FindProcess(ip) : null);
        try
        {
            Console.WriteLine(
                $"{string.Join(", ", options.Targets)} {nqn} namespace {target.Disk.Id}: {ByteSize.Format((long)target.Disk.BlockCount * target.Disk.BlockSize)}, "
                + $"{options.Pattern.ToString().ToLowerInvariant()} {ByteSize.Format(options.Size)}, {target.Describe(options)}");
            return await RunAsync(workers, pid);
        }
        finally
        {
            // First, so that no worker submits with a lease that is gone.
            await target.DisposeAsync();
            foreach (var worker in workers)
            {
                worker.Dispose();
            }
        }
    }

    private NvmeConnectOptions ConnectOptions(string nqn) => new()
    {
        SubsystemNqn = nqn,
        QueueCount = options.Queues,
        QueueDepth = options.Depth,
        HeaderDigest = options.HeaderDigest,
        DataDigest = options.DataDigest,
        DisableSqFlowControl = options.NoFlowControl,
        RunContinuationsOnLoop = options.Inline,
    };

    private async Task<string> FindSubsystemAsync(NvmeHost host, EndPoint endPoint)
    {
        var log = await host.DiscoverAsync(endPoint, cancellationToken: cancellationToken);
        var names = log.Entries.Where(entry => entry.Subtype == DiscoverySubtype.NvmSubsystem).Select(entry => entry.SubsystemNqn.ToString()).Distinct().ToList();
        return names.Count switch
        {
            0 => throw new LoadException($"{options.Targets[0]} serves no subsystem."),
            1 => names[0],
            _ => throw new LoadException($"{options.Targets[0]} serves several subsystems, choose one with --nqn: {string.Join(", ", names)}."),
        };
    }

    private void CheckSize(NvmeBlockDevice disk)
    {
        if (options.Size % disk.BlockSize != 0)
        {
            throw new LoadException($"--size must be a multiple of the block size of {disk.BlockSize} bytes.");
        }

        if (options.Size > disk.MaxTransferLength)
        {
            throw new LoadException($"--size is larger than the largest transfer of {ByteSize.Format(disk.MaxTransferLength)}.");
        }
    }

    private LoadWorker[] CreateWorkers(LoadTarget target, BufferPool pool)
    {
        var disk = target.Disk;
        var total = (long)Math.Min(long.MaxValue, disk.BlockCount * (ulong)disk.BlockSize);
        var span = Math.Min(total, options.Span ?? (options.Verify ? VerifySpan : total));
        // Workers that verify, and sequential ones, have a part of their own; random ones share everything.
        var separate = options.Verify || options.Pattern is AccessPattern.Read or AccessPattern.Write;
        var count = target.Queues(options);
        var slots = span / options.Size / (separate ? count : 1);
        if (slots < (options.Verify ? 2 * options.Depth : 1))
        {
            throw new LoadException($"{ByteSize.Format(span)} are too little for {count} queues with {options.Depth} commands of {ByteSize.Format(options.Size)}.");
        }

        return [.. Enumerable.Range(0, count).Select(index => target.CreateWorker(
            index,
            options,
            new Workspace(separate ? (ulong)(index * slots * options.Size) : 0, slots, options.Size, options.Verify, options.Seed + index),
            pool))];
    }

    private async Task<bool> RunAsync(LoadWorker[] workers, int? pid)
    {
        var progress = new Progress(workers);
        if (options.Verify && options.Reads)
        {
            await progress.WatchAsync("fill", options.Size, StartAll(workers, LoadPhase.Fill));
        }

        ThrowIfFailed(workers);

        var running = StartAll(workers, LoadPhase.Run);
        await progress.WatchAsync("warm up", options.Size, Task.WhenAny(running, Task.Delay(options.WarmUp, cancellationToken)));
        var before = Usage.Take(workers, pid);
        foreach (var worker in workers)
        {
            worker.Measuring = true;
        }

        await progress.WatchAsync("run", options.Size, Task.WhenAny(running, Task.Delay(options.Duration, cancellationToken)));
        var usage = Usage.Take(workers, pid).Since(before);
        foreach (var worker in workers)
        {
            worker.Measuring = false;
        }

        foreach (var worker in workers)
        {
            worker.Stop();
        }

        await running;
        ThrowIfFailed(workers);

        if (options.Verify && options.Writes)
        {
            await progress.WatchAsync("check", options.Size, StartAll(workers, LoadPhase.Check));
        }

        ThrowIfFailed(workers);
        return Report.Write(options, workers, usage);
    }

    private static Task StartAll(LoadWorker[] workers, LoadPhase phase) => Task.WhenAll(workers.Select(worker => worker.RunAsync(phase)));

    private static void ThrowIfFailed(LoadWorker[] workers)
    {
        foreach (var worker in workers)
        {
            if (worker.Failure is { } failure)
            {
                throw new LoadException(failure);
            }
        }
    }

    private static long RoundUp(int size) => Math.Max(4096, (long)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)size));

    private static bool IsLocal(IPEndPoint endPoint) =>
        IPAddress.IsLoopback(endPoint.Address)
        || System.Net.NetworkInformation.NetworkInterface.GetAllNetworkInterfaces()
            .SelectMany(network => network.GetIPProperties().UnicastAddresses).Any(address => address.Address.Equals(endPoint.Address));
}
