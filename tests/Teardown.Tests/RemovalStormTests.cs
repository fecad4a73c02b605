using Nvmf.Bench.Soak;
using Xunit.Abstractions;

namespace Nvmf.Teardown.Tests;

/// <summary>bench/Soak for as long as CI has time: <c>dotnet run -c Release --project bench/Soak -- --minutes N</c> goes on.</summary>
public class RemovalStormTests(ITestOutputHelper output)
{
    private const int Removals = 1000;

    // The warm process has listeners and hosts, that at the end has none: nothing may have grown, but for what the runtime does on the way.
    private const long ResidentTolerance = 64 << 20;
    private const int ThreadTolerance = 8;

    [SkippableFact]
    public async Task A_thousand_listeners_removed_under_load()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Needs Linux.");
        var options = new SoakOptions(TimeSpan.FromMinutes(4), Removals, Workers: 8, Seed: Environment.TickCount);
        output.WriteLine($"seed {options.Seed}");
        SoakResult result = await new SoakRun(options, output.WriteLine).RunAsync(CancellationToken.None);
        output.WriteLine(result.ToString());
        Assert.True(result.IsGood, result.ToString());
        Assert.True(result.Removals >= Removals, $"Only {result.Removals} removals in {options.Duration}.");
        Assert.True(result is { Reads: > Removals, Writes: > Removals }, result.ToString());
        Assert.NotNull(result.Warm);
        Assert.True(result.After.Descriptors <= result.Warm.Descriptors, result.ToString());
        Assert.True(result.After.Threads <= result.Warm.Threads + ThreadTolerance, result.ToString());
        Assert.True(result.After.ResidentBytes <= result.Warm.ResidentBytes + ResidentTolerance, result.ToString());
    }
}
