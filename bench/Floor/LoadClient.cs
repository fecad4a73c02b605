using System.Diagnostics;
using Microsoft.AspNetCore.Connections;
using Nvmf.Abstractions.Buffers;
using Nvmf.Initiator;
using Nvmf.Transport.Tcp.QueuePairs;

namespace Nvmf.Bench.Floor;

/// <summary>
/// A server with a <see cref="ClientConnection"/> to it. The target gets an association first, made by the initiator; the measured queue pair is the same
/// lean client in both cases.
/// </summary>
internal sealed class LoadClient : IAsyncDisposable
{
    private static readonly TimeSpan SettleTime = TimeSpan.FromMilliseconds(200);

    private readonly NvmeController? _controller;
    private readonly ClientConnection _connection;
    private readonly BufferLease _data;
    private readonly Dictionary<uint, (long Size, int BlockSize)> _disks;

    private LoadClient(
        ServerProcess server, NvmeController? controller, ClientConnection connection, BufferLease data, Dictionary<uint, (long Size, int BlockSize)> disks)
    {
        Server = server;
        _controller = controller;
        _connection = connection;
        _data = data;
        _disks = disks;
    }

    public ServerProcess Server { get; }

    public static async Task<LoadClient> ConnectAsync(ServerProcess server, IConnectionFactory connections, BufferPool pool)
    {
        var disks = new Dictionary<uint, (long Size, int BlockSize)>();
        NvmeController? controller = null;
        var options = new NvmeConnectOptions { SubsystemNqn = TargetServer.Nqn, QueueCount = 0, HostNqn = TargetServer.HostNqn };
        if (server.Kind == ServerKind.Target)
        {
            await FillAsync(server, connections, pool);
            controller = await NvmeController.ConnectAsync(new TcpHostQueuePairConnector(connections), server.EndPoint, options, pool);
            await controller.SetFeatureAsync(Abstractions.Fabrics.FeatureIdentifier.NumberOfQueues, 0);
        }

        foreach (var disk in Enum.GetValues<FloorDisk>())
        {
            var opened = controller is null ? null : await controller.OpenNamespaceAsync((uint)disk);
            disks[(uint)disk] = opened is null ? (TargetServer.DiskSize, FloorServer.BlockSize) : ((long)opened.BlockCount * opened.BlockSize, opened.BlockSize);
        }

        if (!pool.TryRent(128 << 10, BufferPriority.InputOutput, out var data))
        {
            throw new InvalidOperationException("The buffer pool is too small.");
        }

        data.Span.Fill(0xA5);
        var connection = new ClientConnection(
            await connections.ConnectAsync(server.EndPoint), controller?.ControllerId ?? 1, options.SubsystemNqn, TargetServer.HostNqn, options.HostId);
        await connection.StartAsync();
        return new LoadClient(server, controller, connection, data, disks);
    }

    /// <summary>Writes all of the memory disk: what was never written would be read at the price of nothing.</summary>
    private static async Task FillAsync(ServerProcess server, IConnectionFactory connections, BufferPool pool)
    {
        await using var controller = await NvmeController.ConnectAsync(
            new TcpHostQueuePairConnector(connections), server.EndPoint, new NvmeConnectOptions { SubsystemNqn = TargetServer.Nqn, HostNqn = TargetServer.HostNqn }, pool);
        var disk = await controller.OpenNamespaceAsync((uint)FloorDisk.Memory);
        var data = new byte[disk.MaxTransferLength];
        Random.Shared.NextBytes(data);
        for (var block = 0UL; block < disk.BlockCount; block += (ulong)(data.Length / disk.BlockSize))
        {
            await disk.WriteAsync(block, data.AsMemory(0, (int)Math.Min((ulong)data.Length, (disk.BlockCount - block) * (ulong)disk.BlockSize)));
        }
    }

    public async Task<Measurement> MeasureAsync(FloorCase floorCase, TimeSpan window)
    {
        var (size, blockSize) = _disks[(uint)floorCase.Disk];
        _connection.StartLoad(floorCase, _data, size, blockSize);
        await Task.Delay(SettleTime);
        var start = Take();
        await Task.Delay(window);
        var end = Take();
        await _connection.StopLoadAsync();
        if (_connection.Failure is { } failure)
        {
            throw new IOException($"{floorCase.Name}, {Server.Kind}: {failure}");
        }

        return new Measurement(end.Operations - start.Operations, end.Elapsed - start.Elapsed, end.ServerCpu - start.ServerCpu, end.ClientCpu - start.ClientCpu);
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.CloseAsync();
        if (_controller is not null)
        {
            await _controller.DisposeAsync();
        }

        _data.Release();
    }

    private Measurement Take() => new(_connection.Completed, Stopwatch.GetElapsedTime(0), Server.Cpu, ProcessClock.TryRead(0)!.Value);
}
