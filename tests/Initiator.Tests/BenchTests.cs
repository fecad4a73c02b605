using Nvmf.Bench;
using Nvmf.Bench.Load;

namespace Nvmf.Initiator.Tests;

/// <summary>The parts of the load generator that its figures and its verdicts rest on.</summary>
public class BenchTests
{
    [Fact]
    public void Percentiles_are_within_two_percent()
    {
        var random = new Random(1);
        var histogram = new LatencyHistogram();
        var values = Enumerable.Range(0, 100_000).Select(_ => (long)Math.Exp(random.NextDouble() * 25)).Order().ToArray();
        foreach (var value in values)
        {
            histogram.Record(value);
        }

        Assert.Equal(values.Length, histogram.Count);
        Assert.Equal(values[^1], histogram.MaxNanoseconds);
        Assert.Equal(values.Average(), histogram.MeanNanoseconds, 1);
        foreach (var percentile in new[] { 1, 50, 90, 99, 99.9, 100 })
        {
            var exact = values[(int)Math.Ceiling(values.Length * percentile / 100) - 1];
            Assert.InRange(histogram.PercentileNanoseconds(percentile), exact, exact * 1.02);
        }
    }

    [Fact]
    public void Histograms_add_up()
    {
        var (one, two, all) = (new LatencyHistogram(), new LatencyHistogram(), new LatencyHistogram());
        for (var i = 0; i < 1000; i++)
        {
            (i % 3 == 0 ? one : two).Record(i * 17);
            all.Record(i * 17);
        }

        one.Add(two);
        Assert.Equal((all.Count, all.MaxNanoseconds, all.MeanNanoseconds), (one.Count, one.MaxNanoseconds, one.MeanNanoseconds));
        Assert.Equal(all.PercentileNanoseconds(75), one.PercentileNanoseconds(75));
        one.Clear();
        Assert.Equal(0, one.PercentileNanoseconds(50));
        one.Record(long.MaxValue);
        Assert.Equal(long.MaxValue, one.PercentileNanoseconds(50));
    }

    [Theory]
    [InlineData("4096", 4096)]
    [InlineData("4KiB", 4096)]
    [InlineData("4k", 4096)]
    [InlineData(" 2 GiB", -1)]
    [InlineData("1MiB", 1 << 20)]
    [InlineData("-1", -1)]
    [InlineData("", -1)]
    [InlineData("99999999999TiB", -1)]
    public void Sizes(string text, long expected)
    {
        var parsed = ByteSize.TryParse(text, out var bytes);
        Assert.Equal(expected >= 0, parsed);
        if (parsed)
        {
            Assert.Equal(expected, bytes);
        }
    }

    [Fact]
    public void A_stamp_tells_every_wrong_block()
    {
        var data = new byte[4096];
        Stamp.Write(data, 8192, 7);
        Assert.Null(Stamp.Check(data, 8192, 7));
        Assert.NotNull(Stamp.Check(data, 8192, 6));
        Assert.NotNull(Stamp.Check(data, 4096, 7));
        Assert.NotNull(Stamp.Check(new byte[4096], 8192, 7));
        for (var i = 0; i < data.Length; i += 61)
        {
            data[i] ^= 1;
            Assert.NotNull(Stamp.Check(data, 8192, 7));
            data[i] ^= 1;
        }

        // One sector of another generation in the middle: torn.
        Stamp.Write(data.AsSpan(2048, 512), 8192 + 2048, 6);
        Assert.Contains("generation 6 of the same place", Stamp.Check(data, 8192, 7), StringComparison.Ordinal);
    }

    [Fact]
    public void Commands_of_a_verifying_worker_never_meet_on_a_slot()
    {
        var workspace = new Workspace(1 << 20, slots: 8, slotSize: 4096, verify: true, seed: 3);
        var taken = new HashSet<long>();
        for (var i = 0; i < 7; i++)
        {
            Assert.True(taken.Add(i % 2 == 0 ? workspace.RandomSlot() : workspace.NextSlot()));
        }

        Assert.All(taken, slot => Assert.False(workspace.TryOccupy(slot)));
        var first = taken.First();
        Assert.Equal(0ul, workspace.GenerationOf(first));
        var generation = workspace.Advance(first);
        Assert.Equal(generation, workspace.GenerationOf(first));
        Assert.Equal(generation + 1, workspace.Advance(first));
        workspace.Leave(first);
        Assert.Equal(generation + 1, workspace.GenerationOf(first));
        Assert.True(workspace.TryOccupy(first));
    }
}
