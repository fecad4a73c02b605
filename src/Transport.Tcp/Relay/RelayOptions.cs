using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Transport.Tcp.Relay;

/// <summary>Options of a <see cref="SpliceRelayFactory"/>. Read when it is made.</summary>
public sealed class RelayOptions
{
    /// <summary>
    /// Most bytes of one direction that are in the relay's hands, in a kernel pipe: 4 KiB..1 GiB. Default 1 MiB, the most an unprivileged process may ask for
    /// (<c>fs.pipe-max-size</c>). A pipe that the kernel refuses to enlarge is used as it is.
    /// </summary>
    public int PipeSize { get; set; } = 1 << 20;

    /// <summary>
    /// Most pipes open at once on one event loop, 0..100,000. Default 512. A direction has a pipe only while bytes are in it; beyond the limit a direction copies. An
    /// unprivileged user has 64 MiB of pipes at full size (<c>fs.pipe-user-pages-soft</c>), and small ones after that.
    /// </summary>
    public int MaxPipes { get; set; } = 512;

    /// <summary>Most empty pipes kept for reuse on one event loop. Default 32.</summary>
    public int MaxPooledPipes { get; set; } = 32;

    /// <summary>Size of the buffer of a direction that copies, 4 KiB..1 MiB. Default 256 KiB.</summary>
    public int CopyBufferSize { get; set; } = 256 << 10;

    /// <summary>False: copy always. For comparisons, and for kernels with a bug.</summary>
    public bool UseSplice { get; set; } = true;

    /// <summary>How long connecting to one upstream may take. Default 5 s.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// A relay that moved no byte for this long, in either direction, is reset. Default <see cref="Timeout.InfiniteTimeSpan"/>: the I/O connections of an idle
    /// NVMe host are silent for ever.
    /// </summary>
    public TimeSpan IdleTimeout { get; set; } = Timeout.InfiniteTimeSpan;

    /// <summary>How long each stage of a relay's end may take. There are no commands, so T1 does not matter.</summary>
    public DrainDeadlines DrainDeadlines { get; set; } = DrainDeadlines.Default;

    /// <summary>Clock of the teardown's deadlines.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    internal void Validate()
    {
        Check(PipeSize, 4 << 10, 1 << 30, nameof(PipeSize));
        Check(MaxPipes, 0, 100_000, nameof(MaxPipes));
        Check(MaxPooledPipes, 0, 100_000, nameof(MaxPooledPipes));
        Check(CopyBufferSize, 4 << 10, 1 << 20, nameof(CopyBufferSize));
        CheckTime(ConnectTimeout, nameof(ConnectTimeout));
        CheckTime(IdleTimeout, nameof(IdleTimeout));
    }

    private static void Check(int value, int min, int max, string name)
    {
        if (value < min || value > max)
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be from {min} to {max}.");
        }
    }

    private static void CheckTime(TimeSpan value, string name)
    {
        if (value <= TimeSpan.Zero && value != Timeout.InfiniteTimeSpan)
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be more than 0.");
        }
    }
}
