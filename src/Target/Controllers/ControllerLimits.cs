using System.Numerics;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Target.Controllers;

/// <summary>What a controller can do, as its admin queue's transport, the options and the buffer pool allow.</summary>
internal sealed class ControllerLimits
{
    private const int MemoryPageSize = 4096;

    public ControllerLimits(NvmeTargetOptions options, QueuePairCapabilities transport, BufferPool pool)
    {
        Transport = transport;
        int largest = Math.Min(options.MaxDataTransferSize, Math.Min(transport.MaxDataTransferSize, pool.MaxLength));

        // MDTS = 0 would mean "no limit".
        MaxDataTransferSize = Math.Max(1u << BitOperations.Log2((uint)largest), 2 * MemoryPageSize);
        MaxQueueSize = MaxIoQueueSize(options, transport);
        int halfSeconds = (int)Math.Ceiling(options.ReadyTimeout.TotalMilliseconds / 500);
        Capabilities = new ControllerCapabilities
        {
            MaxQueueEntries = (ushort)(MaxQueueSize - 1),
            ContiguousQueuesRequired = true,
            Timeout = (byte)halfSeconds,
            NvmCommandSet = true,
            ReadyWithMedia = true,
        };
        ReadyTimeouts = new ControllerReadyTimeouts { WithMedia = (ushort)halfSeconds };
    }

    /// <summary>
    /// Property VS and Identify Controller VER. 2.0, because its mandatory parts are here: CRTO, log pages 00h, 05h and 12h, Identify CNS 05h, 06h and 08h.
    /// </summary>
    public static NvmeVersion Version => NvmeVersion.Version20;

    public QueuePairCapabilities Transport { get; }

    /// <summary>In bytes, a power of two.</summary>
    public uint MaxDataTransferSize { get; }

    /// <summary>MDTS: in powers of two of the memory page size.</summary>
    public byte MaxDataTransferExponent => (byte)BitOperations.Log2(MaxDataTransferSize / MemoryPageSize);

    /// <summary>Entries of an I/O queue.</summary>
    public int MaxQueueSize { get; }

    /// <summary>CAP.</summary>
    public ControllerCapabilities Capabilities { get; }

    /// <summary>CRTO.</summary>
    public ControllerReadyTimeouts ReadyTimeouts { get; }

    public static int MaxIoQueueSize(NvmeTargetOptions options, QueuePairCapabilities transport) =>
        Math.Min(options.MaxIoQueueSize, transport.MaxQueueSize);
}
