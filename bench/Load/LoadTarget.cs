using System.Net;
using Nvmf.Abstractions.Buffers;
using Nvmf.Initiator;
using Nvmf.Initiator.Multipath;

namespace Nvmf.Bench.Load;

/// <summary>What is loaded: a controller, queue by queue, or a subsystem by all of its paths.</summary>
internal sealed class LoadTarget : IAsyncDisposable
{
    private readonly NvmeController? _controller;
    private readonly NvmeSubsystemConnection? _subsystem;

    private LoadTarget(NvmeController? controller, NvmeSubsystemConnection? subsystem, NvmeBlockDevice disk)
    {
        _controller = controller;
        _subsystem = subsystem;
        Disk = disk;
    }

    public NvmeBlockDevice Disk { get; }

    /// <summary>Queues with a worker each.</summary>
    public int Queues(LoadOptions options) => _controller?.IoQueues.Count ?? options.Queues;

    public string Describe(LoadOptions options) => _controller is not null
        ? $"{_controller.IoQueues.Count} queues, depth {Math.Min(options.Depth, _controller.IoQueues[0].Depth)}"
        : $"{_subsystem!.Paths.Count(static path => path.State == NvmePathState.Live)} of {_subsystem.Paths.Count} paths live, {options.Queues} queues each, {options.Queues * options.Depth} commands in flight in all";

    public static async Task<LoadTarget> ConnectAsync(NvmeHost host, IReadOnlyList<EndPoint> endPoints, NvmeConnectOptions connect, LoadOptions options, CancellationToken cancellationToken)
    {
        if (!options.Multipath)
        {
            var controller = await host.ConnectAsync(endPoints[0], connect, cancellationToken);
            return new LoadTarget(controller, null, await controller.OpenNamespaceAsync(await FindNamespaceAsync(controller, options, cancellationToken), cancellationToken));
        }

        var subsystem = await host.ConnectSubsystemAsync(endPoints, new NvmeMultipathOptions { Connect = connect, Policy = options.Policy }, cancellationToken);
        var first = subsystem.Paths.Select(static path => path.Controller).First(static controller => controller is not null)!;
        var disk = await subsystem.OpenNamespaceAsync(await FindNamespaceAsync(first, options, cancellationToken), cancellationToken);
        // What is measured is all paths; one that cannot be had is reported.
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (!patience.IsCancellationRequested && subsystem.Paths.Any(static path => path.State == NvmePathState.Connecting))
        {
            await Task.Delay(10, cancellationToken);
        }

        return new LoadTarget(null, subsystem, disk);
    }

    public LoadWorker CreateWorker(int index, LoadOptions options, Workspace workspace, BufferPool pool) => _controller is not null
        ? new QueueWorker(_controller.IoQueues[index], options, workspace, Disk, pool)
        : new DeviceWorker(options, workspace, Disk, pool);

    public async ValueTask DisposeAsync()
    {
        if (_controller is not null)
        {
            await _controller.DisposeAsync();
        }

        if (_subsystem is not null)
        {
            await _subsystem.DisposeAsync();
        }
    }

    private static async Task<uint> FindNamespaceAsync(NvmeController controller, LoadOptions options, CancellationToken cancellationToken)
    {
        if (options.Namespace is { } id)
        {
            return id;
        }

        var active = await controller.GetActiveNamespacesAsync(cancellationToken);
        return active.Count > 0 ? active[0] : throw new LoadException("The subsystem has no namespace.");
    }
}
