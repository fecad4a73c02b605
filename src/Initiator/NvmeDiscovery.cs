using System.Net;
using Microsoft.Extensions.Logging;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Initiator;

/// <summary>Reads discovery logs (NVMe Base, Discovery Log Page).</summary>
public static class NvmeDiscovery
{
    // What a log may have before we take the number for nonsense: 16 MiB of it.
    private const ulong MaxRecords = 16384;
    private const int Attempts = 5;

    /// <summary>Connects to the discovery subsystem at <paramref name="endPoint"/>, reads its log and disconnects.</summary>
    /// <param name="connector">The transport.</param>
    /// <param name="endPoint">The discovery controller's address.</param>
    /// <param name="pool">Memory for admin data.</param>
    /// <param name="options">Host names, digests and deadlines, the subsystem also when it is not the well-known one. Defaults when null.</param>
    /// <param name="loggerFactory">Logging; none when null.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InvalidDataException">The log makes no sense, or changed each time it was read.</exception>
    /// <remarks>Other errors: as of <see cref="NvmeController.ConnectAsync(IHostQueuePairConnector, EndPoint, NvmeConnectOptions, BufferPool, ILoggerFactory?, TimeProvider?, CancellationToken)"/>.</remarks>
    public static async Task<NvmeDiscoveryLog> GetLogAsync(
        IHostQueuePairConnector connector,
        EndPoint endPoint,
        BufferPool pool,
        NvmeConnectOptions? options = null,
        ILoggerFactory? loggerFactory = null,
        CancellationToken cancellationToken = default)
    {
        options ??= new NvmeConnectOptions { SubsystemNqn = Nqn.Discovery };
        var controller = await NvmeController.ConnectAsync(connector, endPoint, options, pool, loggerFactory, cancellationToken: cancellationToken).ConfigureAwait(false);
        await using (controller.ConfigureAwait(false))
        {
            return await GetLogAsync(controller, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Reads the log of a connected discovery controller.</summary>
    /// <exception cref="InvalidDataException">The log makes no sense, or changed each time it was read.</exception>
    public static async Task<NvmeDiscoveryLog> GetLogAsync(NvmeController controller, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(controller);
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var header = await GetHeaderAsync(controller, cancellationToken).ConfigureAwait(false);
            if (header.RecordFormat != 0)
            {
                throw new InvalidDataException($"The discovery log has the unknown record format {header.RecordFormat}.");
            }

            if (header.Records > MaxRecords)
            {
                throw new InvalidDataException($"The discovery log claims to have {header.Records} entries.");
            }

            var entries = await GetEntriesAsync(controller, (int)header.Records, cancellationToken).ConfigureAwait(false);
            // The log may change between two commands; the entries are one log only when the generation stayed.
            var after = await GetHeaderAsync(controller, cancellationToken).ConfigureAwait(false);
            if (after.GenerationCounter == header.GenerationCounter)
            {
                return new NvmeDiscoveryLog(header.GenerationCounter, entries);
            }
        }

        throw new InvalidDataException($"The discovery log changed during each of {Attempts} attempts to read it.");
    }

    private static async Task<DiscoveryLogHeader> GetHeaderAsync(NvmeController controller, CancellationToken cancellationToken)
    {
        var bytes = new byte[DiscoveryLogHeader.Size];
        await controller.GetLogPageAsync(LogPageIdentifier.Discovery, bytes, namespaceId: 0, cancellationToken: cancellationToken).ConfigureAwait(false);
        return WireStructure.Read<DiscoveryLogHeader>(bytes);
    }

    private static async Task<DiscoveryLogEntry[]> GetEntriesAsync(NvmeController controller, int count, CancellationToken cancellationToken)
    {
        var entries = new DiscoveryLogEntry[count];
        var perCommand = Math.Max(1, Math.Min(64 << 10, controller.MaxTransferLength) / DiscoveryLogEntry.Size);
        var bytes = new byte[Math.Min(perCommand, Math.Max(1, count)) * DiscoveryLogEntry.Size];
        for (var read = 0; read < count;)
        {
            var now = Math.Min(perCommand, count - read);
            var part = bytes.AsMemory(0, now * DiscoveryLogEntry.Size);
            var offset = (ulong)DiscoveryLogHeader.Size + ((ulong)read * DiscoveryLogEntry.Size);
            await controller.GetLogPageAsync(LogPageIdentifier.Discovery, part, offset, 0, cancellationToken: cancellationToken).ConfigureAwait(false);
            for (var i = 0; i < now; i++)
            {
                entries[read + i] = WireStructure.Read<DiscoveryLogEntry>(part.Span[(i * DiscoveryLogEntry.Size)..]);
            }

            read += now;
        }

        return entries;
    }
}
