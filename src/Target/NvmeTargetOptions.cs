namespace Nvmf.Target;

/// <summary>What holds for every subsystem of a target. Checked by the constructor of <see cref="NvmeTarget"/>.</summary>
public sealed class NvmeTargetOptions
{
    /// <summary>
    /// Granularity of the keep-alive timer, reported as KAS. A multiple of 100 ms, 100 ms to 10 s; a host's KATO is rounded up to it. Default 1 s.
    /// </summary>
    public TimeSpan KeepAliveGranularity { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Any command on any queue keeps a controller alive (CTRATT.TBKAS), not only the Keep Alive command. Default true.
    /// </summary>
    public bool TrafficBasedKeepAlive { get; set; } = true;

    /// <summary>How long a discovery controller with KATO 0 may be idle. Default 120 s.</summary>
    public TimeSpan DiscoveryIdleTimeout { get; set; } = TimeSpan.FromSeconds(120);

    /// <summary>How long a controller may stay disabled, or shut down, before its association is ended. Default 120 s.</summary>
    public TimeSpan DisabledTimeout { get; set; } = TimeSpan.FromSeconds(120);

    /// <summary>
    /// How long a controller may take to become ready or to reset, reported as CAP.TO and CRTO: 500 ms to 127 s. A reset that takes longer
    /// (a back end that does not answer) is reported as a fatal controller status (CSTS.CFS). Default 15 s.
    /// </summary>
    public TimeSpan ReadyTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How long the removal of a namespace waits for its commands and its back end before it goes on without them. Default 10 s.
    /// </summary>
    public TimeSpan NamespaceRemovalTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long the commands of a lost association may take at the back ends: 100 ms to 60 s. Announced (with the lateness of the keep-alive timer added) as CQT. For
    /// that long a new association of the same host, and a Cross-Controller Reset, wait for them; then Connect is refused with Controller Busy. The commands deadline of the transport (T1)
    /// is a good value. Default 5 s.
    /// </summary>
    public TimeSpan CommandQuiesceTime { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Largest admin queue in entries, reported as ASQSZ: 32 to 4096. Default 128.</summary>
    public int MaxAdminQueueSize { get; set; } = 128;

    /// <summary>Largest I/O queue in entries, 2 to 65536; the transport's own limit holds as well. Default 1024.</summary>
    public int MaxIoQueueSize { get; set; } = 1024;

    /// <summary>
    /// Largest data transfer of one command in bytes, a power of two, 8 KiB to 128 MiB; the transport's and the buffer pool's limits hold as
    /// well. Reported as MDTS. Default 1 MiB.
    /// </summary>
    public int MaxDataTransferSize { get; set; } = 1 << 20;

    /// <summary>Asynchronous Event Request commands a host may have outstanding (AERL + 1): 1 to 16. Default 4.</summary>
    public int MaxAsynchronousEventRequests { get; set; } = 4;

    /// <summary>Bytes of scratch memory that one Compare, Verify or Copy command works with at a time, a power of two, 4 KiB to 1 MiB. Default 128 KiB.</summary>
    public int ChunkSize { get; set; } = 128 << 10;

    /// <summary>
    /// How long a host may take to authenticate, on a queue that was connected for it or on a live one: 100 ms to 10 min. Then the connection ends. Default 30 s.
    /// </summary>
    public TimeSpan AuthenticationTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Diffie-Hellman computations at a time, 1 to 1024: so many threads of the thread pool can hosts keep busy before they have proven who they are. 256 more wait their turn; what is above fails
    /// with Command Interrupted. Default: half of the processors.
    /// </summary>
    public int MaxKeyExchanges { get; set; } = Math.Max(1, Environment.ProcessorCount / 2);

    internal NvmeTargetOptions Copy() => (NvmeTargetOptions)MemberwiseClone();
}
