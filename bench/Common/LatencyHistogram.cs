using System.Numerics;

namespace Nvmf.Bench;

/// <summary>
/// Counts durations in buckets whose width grows with the value: 64 per power of two, so a percentile is at most 1.6 % off. One writer; nothing is allocated
/// while recording.
/// </summary>
internal sealed class LatencyHistogram
{
    private const int SubBits = 6;
    private const int Sub = 1 << SubBits;

    private readonly long[] _counts = new long[(64 - SubBits + 1) * Sub];
    private long _count;
    private long _sum;
    private long _max;

    public long Count => _count;

    public double MeanNanoseconds => _count == 0 ? 0 : (double)_sum / _count;

    public long MaxNanoseconds => _max;

    public void Record(long nanoseconds)
    {
        if (nanoseconds < 0)
        {
            nanoseconds = 0;
        }

        _counts[IndexOf(nanoseconds)]++;
        _count++;
        _sum += nanoseconds;
        if (nanoseconds > _max)
        {
            _max = nanoseconds;
        }
    }

    public void Add(LatencyHistogram other)
    {
        for (var i = 0; i < _counts.Length; i++)
        {
            _counts[i] += other._counts[i];
        }

        _count += other._count;
        _sum += other._sum;
        _max = Math.Max(_max, other._max);
    }

    public void Clear()
    {
        Array.Clear(_counts);
        _count = _sum = _max = 0;
    }

    /// <param name="percentile">0 to 100.</param>
    /// <returns>The upper end of the bucket that the value at this rank is in; 0 when nothing was recorded.</returns>
    public long PercentileNanoseconds(double percentile)
    {
        var rank = Math.Max(1, (long)Math.Ceiling(_count * percentile / 100));
        long seen = 0;
        for (var i = 0; i < _counts.Length; i++)
        {
            seen += _counts[i];
            if (seen >= rank)
            {
                return Math.Min(UpperEnd(i), _max);
            }
        }

        return 0;
    }

    private static int IndexOf(long value)
    {
        if (value < Sub)
        {
            return (int)value;
        }

        var exponent = BitOperations.Log2((ulong)value);
        return ((exponent - SubBits + 1) << SubBits) + (int)((value >> (exponent - SubBits)) & (Sub - 1));
    }

    private static long UpperEnd(int index)
    {
        if (index < Sub)
        {
            return index;
        }

        var shift = (index >> SubBits) - 1;
        return ((long)(Sub + (index & (Sub - 1)) + 1) << shift) - 1;
    }
}
