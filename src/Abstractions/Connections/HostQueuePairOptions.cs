namespace Nvmf.Abstractions.Connections;

/// <summary>What an initiator asks of a new queue pair.</summary>
public sealed class HostQueuePairOptions
{
    /// <summary>Largest <see cref="QueueSize"/>: the part of a command identifier that tells commands outstanding at the same time apart.</summary>
    public const int MaxQueueSize = 1024;

    /// <summary>Admin or I/O queue.</summary>
    public bool IsAdmin { get; init; }

    /// <summary>Queue identifier; 0 for the admin queue. RDMA says it already when it connects.</summary>
    public ushort QueueId { get; init; }

    /// <summary>Largest number of commands outstanding, 2..<see cref="MaxQueueSize"/>. Default 32.</summary>
    public int QueueSize { get; init; } = 32;

    /// <summary>Ask for header digests (TCP).</summary>
    public bool HeaderDigest { get; init; }

    /// <summary>Ask for data digests (TCP).</summary>
    public bool DataDigest { get; init; }

    /// <summary>Time for connecting and the transport handshake. Default 10 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);
}
