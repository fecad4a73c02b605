namespace Nvmf.Bench.Http;

/// <param name="Requests">Answered, all of them well.</param>
/// <param name="Elapsed">Length of the load.</param>
/// <param name="Cpu">CPU time of the server's process meanwhile.</param>
/// <param name="Percentile99">99th percentile of the time from request to response.</param>
internal readonly record struct Measurement(long Requests, TimeSpan Elapsed, TimeSpan Cpu, TimeSpan Percentile99)
{
    public double RequestsPerSecond => Requests / Elapsed.TotalSeconds;

    public double RequestsPerCpuSecond => Requests / Cpu.TotalSeconds;
}
