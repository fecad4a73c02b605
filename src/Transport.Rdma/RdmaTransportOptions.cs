using Nvmf.Abstractions.Lifecycle;
using Nvmf.EventLoop;

namespace Nvmf.Transport.Rdma;

/// <summary>Options of NVMe/RDMA queue pairs, target's and host's. Read when the listener factory or connector is made.</summary>
public sealed class RdmaTransportOptions
{
    /// <summary>Loops to run on, not disposed by the transport. Null (default): it makes its own from <see cref="LoopOptions"/>.</summary>
    public EventLoopGroup? EventLoops { get; set; }

    /// <summary>
    /// Number, pinning and spinning of the transport's own loops. <see cref="EventLoopGroupOptions.SpinDuration"/> polls completion channels before the loop sleeps.
    /// </summary>
    public EventLoopGroupOptions LoopOptions { get; set; } = new() { Name = "nvmf-rdma" };

    /// <summary>
    /// Largest in-capsule data of an I/O command in bytes, a multiple of 16 in 0..65536; reported as IOCCSZ. Default 4096. Each posted receive has a buffer of
    /// this size.
    /// </summary>
    public int InCapsuleDataSize { get; set; } = 4096;

    /// <summary>Largest data transfer of one command in bytes, a power of two of at least 4096; reported as MDTS. Default 1 MiB.</summary>
    public int MaxDataTransferSize { get; set; } = 1 << 20;

    /// <summary>Largest number of entries of a queue, 2..1024; reported as CAP.MQES + 1. Default 128, which is also Linux's largest.</summary>
    public int MaxQueueSize { get; set; } = 128;

    /// <summary>Largest number of keyed SGL descriptors of one command, 1..16; reported as MSDBD. Default 16.</summary>
    public int MaxSglDescriptors { get; set; } = 16;

    /// <summary>
    /// Receive commands of all queue pairs of a loop from one shared receive queue, where the device has them: memory by load instead of by connection.
    /// Default false.
    /// </summary>
    public bool UseSharedReceiveQueue { get; set; }

    /// <summary>Receives of a shared receive queue, 16..8192, bounded by the device. Default 1024.</summary>
    public int SharedReceiveQueueDepth { get; set; } = 1024;

    /// <summary>Entries of a completion queue, bounded by the device; one more is made when its queue pairs have used it up. Default 16384.</summary>
    public int CompletionQueueEntries { get; set; } = 16384;

    /// <summary>RDMA reads under way per queue pair, 1..255, bounded by both devices. Default 16.</summary>
    public int MaxReadDepth { get; set; } = 16;

    /// <summary>Length of the listeners' queues of connection requests. Default 128.</summary>
    public int Backlog { get; set; } = 128;

    /// <summary>
    /// Largest number of queue pairs without an accepted Connect command, over all listeners of a factory. One more closes the oldest of them. Default 256.
    /// </summary>
    public int MaxPendingConnections { get; set; } = 256;

    /// <summary>Time from accepting a connection request until the connection is established. Default 15 s: the connection manager repeats a lost message after 4 s.</summary>
    public TimeSpan HandshakeTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Time from there to an accepted Connect command. Default 30 s: a Linux host that is disconnected before its Connect was answered takes no notice, and waits
    /// its 60 s.
    /// </summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long each stage of a teardown may take.</summary>
    public DrainDeadlines DrainDeadlines { get; set; } = DrainDeadlines.Default;

    /// <summary>
    /// How long a drain waits for responses already posted, before it disconnects; and after that for what the error state is to flush, before it destroys the queue pair.
    /// Default 1 s.
    /// </summary>
    public TimeSpan FlushTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long a drain with a shared receive queue waits for the event "last WQE reached", which some devices never deliver; the queue pair is destroyed then all the
    /// same. Default 100 ms.
    /// </summary>
    public TimeSpan LastWorkRequestTimeout { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Clock of the teardown's deadlines.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    internal void Validate(int poolMaxLength)
    {
        Require(InCapsuleDataSize is >= 0 and <= 65536 && InCapsuleDataSize % 16 == 0 && InCapsuleDataSize <= poolMaxLength, nameof(InCapsuleDataSize), "a multiple of 16 in 0..65536, and within the pool's largest buffer");
        Require(MaxDataTransferSize >= 4096 && int.IsPow2(MaxDataTransferSize) && MaxDataTransferSize <= poolMaxLength, nameof(MaxDataTransferSize), "a power of two of at least 4096, and within the pool's largest buffer");
        Require(MaxQueueSize is >= 2 and <= 1024, nameof(MaxQueueSize), "in 2..1024");
        Require(MaxSglDescriptors is >= 1 and <= 16, nameof(MaxSglDescriptors), "in 1..16");
        Require(SharedReceiveQueueDepth is >= 16 and <= 8192, nameof(SharedReceiveQueueDepth), "in 16..8192");
        Require(CompletionQueueEntries > 0, nameof(CompletionQueueEntries), "positive");
        Require(MaxReadDepth is >= 1 and <= 255, nameof(MaxReadDepth), "in 1..255");
        Require(Backlog > 0, nameof(Backlog), "positive");
        Require(MaxPendingConnections > 0, nameof(MaxPendingConnections), "positive");
        Require(HandshakeTimeout > TimeSpan.Zero, nameof(HandshakeTimeout), "positive");
        Require(ConnectTimeout > TimeSpan.Zero, nameof(ConnectTimeout), "positive");
        Require(FlushTimeout >= TimeSpan.Zero, nameof(FlushTimeout), "zero or more");
        Require(LastWorkRequestTimeout >= TimeSpan.Zero, nameof(LastWorkRequestTimeout), "zero or more");
    }

    private static void Require(bool condition, string option, string range)
    {
        if (!condition)
        {
            throw new ArgumentException($"{nameof(RdmaTransportOptions)}.{option} must be {range}.");
        }
    }
}
