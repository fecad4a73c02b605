namespace Nvmf.Initiator.Tests.Multipath.Fakes;

/// <summary>
/// What happened to one block, and whether some order of the operations explains it: each takes effect once, at a moment between its beginning and its end.
/// </summary>
/// <remarks>
/// Every write has a value of its own, so a write and the reads that saw it form a cluster. A cluster whose first end lies before its last beginning held the block for all of that time: no two
/// such zones may overlap, and a cluster that could be at one moment must not have to be within such a zone (Gibbons and Korach, 1997).
/// </remarks>
internal sealed class LinearizableBlock
{
    private readonly Dictionary<long, Cluster> _clusters = new() { [0] = new Cluster { Value = 0, FirstEnd = long.MinValue, LastBeginning = long.MinValue, Written = true, WriteBeginning = long.MinValue } };

    /// <param name="value">Unlike any other.</param>
    /// <param name="begin">Moment before the write was asked for.</param>
    /// <param name="end">Moment after it ended; null: it failed, and may have happened or not, before that moment or never.</param>
    public void Wrote(long value, long begin, long? end)
    {
        var cluster = Of(value);
        cluster.Written = true;
        cluster.WriteBeginning = begin;
        cluster.IsOptional = end is null;
        cluster.Add(begin, end ?? long.MaxValue);
    }

    public void Read(long value, long begin, long end)
    {
        var cluster = Of(value);
        cluster.Reads++;
        cluster.FirstReadEnd = Math.Min(cluster.FirstReadEnd, end);
        cluster.Add(begin, end);
    }

    /// <returns>What is wrong, or null.</returns>
    public string? Explain()
    {
        // A failed write that nobody saw has not happened.
        Cluster[] clusters = [.. _clusters.Values.Where(cluster => !cluster.IsOptional || cluster.Reads > 0)];
        foreach (var cluster in clusters)
        {
            if (!cluster.Written)
            {
                return $"{cluster.Value} was read and never written";
            }

            if (cluster.FirstReadEnd < cluster.WriteBeginning)
            {
                return $"{cluster.Value} was read before it was written";
            }
        }

        var held = clusters.Where(cluster => cluster.FirstEnd < cluster.LastBeginning).OrderBy(cluster => cluster.FirstEnd).ToArray();
        for (var i = 1; i < held.Length; i++)
        {
            if (held[i].FirstEnd < held[i - 1].LastBeginning)
            {
                return $"{held[i - 1]} and {held[i]} were there at the same time: one of them came back";
            }
        }

        foreach (var moment in clusters.Where(cluster => cluster.FirstEnd >= cluster.LastBeginning))
        {
            if (Array.Find(held, zone => zone.FirstEnd < moment.LastBeginning && moment.FirstEnd < zone.LastBeginning) is { } zone)
            {
                return $"{moment} was written while {zone} was there: it was lost, or came back";
            }
        }

        return null;
    }

    private Cluster Of(long value) => _clusters.TryGetValue(value, out var cluster) ? cluster : _clusters[value] = new Cluster { Value = value };

    private sealed class Cluster
    {
        public required long Value { get; init; }

        public long FirstEnd { get; set; } = long.MaxValue;

        public long LastBeginning { get; set; } = long.MinValue;

        public bool Written { get; set; }

        public bool IsOptional { get; set; }

        public long WriteBeginning { get; set; }

        public int Reads { get; set; }

        public long FirstReadEnd { get; set; } = long.MaxValue;

        public void Add(long begin, long end)
        {
            FirstEnd = Math.Min(FirstEnd, end);
            LastBeginning = Math.Max(LastBeginning, begin);
        }

        public override string ToString() => $"{Value} (until {FirstEnd} at the earliest, {Reads} reads, the last from {LastBeginning} on)";
    }
}
