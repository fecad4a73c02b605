namespace Nvmf.Bench.Relay;

/// <summary>One window: bytes or connections, and the CPU time that the relay's process used meanwhile.</summary>
internal readonly record struct Measurement(long Count, TimeSpan Elapsed, TimeSpan Cpu)
{
    private const double GiB = 1L << 30;

    public double GiBPerSecond => Count / GiB / Elapsed.TotalSeconds;

    public double CpuSecondsPerGiB => Cpu.TotalSeconds / Math.Max(1, Count) * GiB;

    public double PerSecond => Count / Elapsed.TotalSeconds;

    public double CpuMicroseconds => Cpu.TotalMicroseconds / Math.Max(1, Count);

    /// <summary>Share of its core, 0 to 1.</summary>
    public double Utilization => Cpu / Elapsed;
}
