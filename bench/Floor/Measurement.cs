namespace Nvmf.Bench.Floor;

/// <summary>One window of one round.</summary>
internal readonly record struct Measurement(long Operations, TimeSpan Elapsed, TimeSpan ServerCpu, TimeSpan ClientCpu)
{
    public double OperationsPerSecond => Operations / Elapsed.TotalSeconds;

    public double ServerMicroseconds => ServerCpu.TotalMicroseconds / Math.Max(1, Operations);

    /// <summary>Share of its core that the server used, 0 to 1.</summary>
    public double ServerUtilization => ServerCpu / Elapsed;

    /// <summary>Share of its core that the client used, 0 to 1.</summary>
    public double ClientUtilization => ClientCpu / Elapsed;
}
