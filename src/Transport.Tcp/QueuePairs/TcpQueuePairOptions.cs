namespace Nvmf.Transport.Tcp.QueuePairs;

/// <summary>Limits and deadlines of NVMe/TCP queue pairs. Read once, when a listener factory or connector is made.</summary>
public sealed class TcpQueuePairOptions
{
    /// <summary>
    /// Largest in-capsule data of an I/O command in bytes, a multiple of 16 in 0..65536; reported as IOCCSZ. Default 16 KiB: buffers are rented when
    /// data arrives and not set aside per slot, so a larger value costs nothing while idle and saves a round trip per write. Admin queues, and every queue
    /// before its Connect command, take 8 KiB as the specification demands.
    /// </summary>
    public int InCapsuleDataSize { get; set; } = 16 << 10;

    /// <summary>Largest data transfer of one command in bytes, a power of two of at least 4096; reported as MDTS. Default 1 MiB.</summary>
    public int MaxDataTransferSize { get; set; } = 1 << 20;

    /// <summary>Largest number of entries of an I/O queue, 2..4096; reported as CAP.MQES + 1. Slots are made when first used. Default 1024.</summary>
    public int MaxQueueSize { get; set; } = 1024;

    /// <summary>
    /// MAXH2CDATA: largest data of one H2CData PDU in bytes, at least 4096 and a multiple of 4. Default 1 MiB, so that a transfer of the largest size
    /// travels in one PDU, straight into its buffer.
    /// </summary>
    public int MaxHostToControllerData { get; set; } = 1 << 20;

    /// <summary>Grant header digests to hosts that ask for them. Default true. Linux refuses a connection that does not grant what it asked for.</summary>
    public bool AllowHeaderDigest { get; set; } = true;

    /// <summary>Grant data digests to hosts that ask for them. Default true. Linux refuses a connection that does not grant what it asked for.</summary>
    public bool AllowDataDigest { get; set; } = true;

    /// <summary>Time from accept to a complete ICReq. Default 5 s.</summary>
    public TimeSpan HandshakeTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Time from ICResp to an accepted Connect command. Default 10 s.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Time without any data from a host that was asked for data (R2T); such a queue pair is closed after one to two of these. Default 30 s. The
    /// specification sets no limit, but each transfer that never ends holds a buffer.
    /// </summary>
    public TimeSpan HostDataTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Time for all of a command's data, however steadily it trickles in; a queue pair with a slower one is closed, late by up to <see cref="HostDataTimeout"/>.
    /// Default 2 min: four times what Linux gives a command.
    /// </summary>
    public TimeSpan HostTransferTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// Largest number of connections without an accepted Connect command, over all listeners of one factory. One more closes the oldest of them: idle
    /// sockets of a port scanner or an attacker cannot lock out a host, which needs milliseconds for its Connect. Default 256.
    /// </summary>
    public int MaxPendingConnections { get; set; } = 256;
}
