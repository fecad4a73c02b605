using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;
using Nvmf.Target;
using Nvmf.Target.Namespaces;
using Nvmf.Transport.Tcp;
using Nvmf.Transport.Tcp.QueuePairs;

namespace Nvmf.Bench.Floor;

/// <summary>Our target, with a memory disk and a null disk.</summary>
internal static class TargetServer
{
    public const string Nqn = "nqn.2014-08.org.nvmexpress:uuid:6a8c26f0-33f4-4c29-8f3c-0d7a1a8b6a10";
    public const string HostNqn = "nqn.2014-08.org.nvmexpress:uuid:11111111-2222-3333-4444-555555555555";
    public const long DiskSize = 256L << 20;

    public static async Task RunAsync(Action<int> onListening, CancellationToken cancellationToken)
    {
        using var pool = new BufferPool();
        await using var transport = new TcpTransportFactory(Options.Create(ServerSettings.CreateTransportOptions(pool)), NullLoggerFactory.Instance);
        await using var target = new NvmeTarget(new NvmeTargetOptions(), pool);
        await using var listener = await new TcpQueuePairListenerFactory(transport, pool).BindAsync(new IPEndPoint(IPAddress.Loopback, 0), cancellationToken);
        var port = target.AddPort(TargetPortOptions.FromEndPoint(NvmeTransportType.Tcp, listener.EndPoint));
        var subsystem = target.AddSubsystem(new SubsystemOptions { Nqn = Nqn });
        subsystem.AddNamespace(new NamespaceOptions { NamespaceId = (uint)FloorDisk.Memory }, new MemoryBackend(DiskSize, FloorServer.BlockSize));
        subsystem.AddNamespace(new NamespaceOptions { NamespaceId = (uint)FloorDisk.Null }, new NullBackend(DiskSize, FloorServer.BlockSize));
        onListening(((IPEndPoint)listener.EndPoint).Port);
        try
        {
            while (await listener.AcceptAsync(cancellationToken) is { } queuePair)
            {
                queuePair.Start(target.CreateHandler(queuePair, port));
            }
        }
        catch (OperationCanceledException)
        {
            // Told to stop.
        }
    }
}
