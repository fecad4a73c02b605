using System.Net;
using System.Net.Sockets;
using Nvmf.Abstractions.Authentication;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Initiator;
using Nvmf.Initiator.Multipath;
using Nvmf.Transport.Rdma;
using Nvmf.Transport.Tcp;

namespace DiskCopy;

/// <summary>Connects, copies, verifies, reports.</summary>
internal sealed class CopySession(CopyOptions options, bool toDisk)
{
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        using var hostSecret = Read(options.HostSecret);
        using var controllerSecret = Read(options.ControllerSecret);
        using var pool = new BufferPool();
        await using var rdma = new RdmaHostQueuePairConnector(pool);
        await using var host = new NvmeHost(pool, new TcpTransportOptions { BufferPool = pool }, connectors: [rdma]);
        var endPoints = await Task.WhenAll(options.Paths.Select(path => ResolveAsync(path, cancellationToken)));
        var nqn = options.Nqn ?? Choose(await host.DiscoverAsync(
            endPoints[0], new NvmeConnectOptions { SubsystemNqn = Nvmf.Abstractions.Fabrics.Nqn.Discovery, HostNqn = options.HostNqn }, cancellationToken));
        var connect = new NvmeConnectOptions { SubsystemNqn = nqn, HostNqn = options.HostNqn, QueueCount = 2, HostSecret = hostSecret, ControllerSecret = controllerSecret };
        await using var subsystem = await host.ConnectSubsystemAsync(
            endPoints, new NvmeMultipathOptions { Connect = connect }, cancellationToken);
        var disk = await subsystem.OpenNamespaceAsync(options.Namespace, cancellationToken);
        var size = checked((long)disk.BlockCount * disk.BlockSize);
        using var file = new ImageFile(options.File, toDisk, size);
        var copy = new ChunkedCopy(disk, pool, file, options.Depth);

        await ReportAsync(toDisk ? "writing" : "reading", file.Length, subsystem, progress => toDisk ? copy.PutAsync(progress, cancellationToken) : copy.GetAsync(progress, cancellationToken));
        if (toDisk)
        {
            await disk.FlushAsync(cancellationToken);
        }
        else
        {
            file.Flush();
        }

        if (!options.Verify)
        {
            return true;
        }

        await ReportAsync("verifying", file.Length, subsystem, progress => copy.VerifyAsync(progress, cancellationToken));
        if (copy.FirstDifference is not { } difference)
        {
            Console.WriteLine("The namespace and the file are the same.");
            return true;
        }

        Console.Error.WriteLine($"The namespace and the file differ from byte {difference} on.");
        return false;
    }

    private static async Task<EndPoint> ResolveAsync(FabricsAddress path, CancellationToken cancellationToken)
    {
        try
        {
            return await path.ResolveAsync(cancellationToken);
        }
        catch (SocketException e)
        {
            throw new IOException($"{path.Host}: {e.Message}.", e);
        }
    }

    private async Task ReportAsync(string what, long total, NvmeSubsystemConnection subsystem, Func<Progress, Task> copy)
    {
        using var progress = new Progress(what, total, subsystem, options.Quiet);
        await copy(progress);
        progress.Finish();
    }

    private static DhChapSecret? Read(string? source)
    {
        if (source is null)
        {
            return null;
        }

        return DhChapSecretSource.TryRead(source, out var secret, out var error) ? secret : throw new ArgumentException(error);
    }

    private static string Choose(NvmeDiscoveryLog log)
    {
        string[] names = [.. log.Entries.Where(static entry => entry.Subtype == DiscoverySubtype.NvmSubsystem).Select(static entry => entry.SubsystemNqn.ToString()).Distinct()];
        return names.Length switch
        {
            1 => names[0],
            0 => throw new InvalidOperationException("Discovery finds no subsystem there."),
            _ => throw new InvalidOperationException($"Discovery finds several subsystems, choose one with --nqn: {string.Join(", ", names)}."),
        };
    }
}
