namespace Nvmf.Target.Namespaces.Internal;

/// <summary>
/// Keeps logical blocks whole under concurrent requests, without a global lock. The bytes of a back end are cut into units of 16 KiB (so that
/// no logical block lies in two); every unit maps to one of 1024 sequence numbers:
/// <code>
///   even ──writer: CAS──► odd (held) ──release──► next even
/// </code>
/// Writers of one unit exclude each other. Readers change nothing: they look at the numbers before and after, and what they read in between
/// counts only if all were even and none moved. Whoever takes several stripes takes them in ascending order, so nobody waits in a circle.
/// A lock belongs to no thread.
/// </summary>
internal sealed class BlockRangeLocks
{
    public const int UnitSize = 1 << UnitShift;
    public const int Stripes = 1024;

    private const int UnitShift = 14;
    private const int StripeMask = Stripes - 1;
    private const int StrideShift = 3; // Eight longs, a cache line: neighbours do not disturb each other.

    private readonly long[] _sequences = new long[Stripes << StrideShift];

    /// <summary>The unit that holds a byte.</summary>
    public static long UnitOf(long offset) => offset >> UnitShift;

    /// <summary>Stripes that cover a range; at most all.</summary>
    public static int CountOf(long offset, long length) =>
        length == 0 ? 0 : (int)Math.Min(UnitOf(offset + length - 1) - UnitOf(offset) + 1, Stripes);

    /// <summary>Starts an optimistic read.</summary>
    /// <returns>False: a writer is inside.</returns>
    public bool TryBeginRead(long unit, int count, out long version)
    {
        version = 0;
        bool held = false;
        for (int i = 0; i < count; i++)
        {
            long sequence = Volatile.Read(ref Sequence(unit + i));
            version += sequence;
            held |= (sequence & 1) != 0;
        }

        return !held;
    }

    /// <summary>True: no writer was inside since <see cref="TryBeginRead"/> gave <paramref name="version"/>; what was read is whole.</summary>
    public bool EndRead(long unit, int count, long version)
    {
        // The reads of the data before the second look at the numbers. They only grow: an equal sum means that none moved.
        Volatile.ReadBarrier();
        long now = 0;
        for (int i = 0; i < count; i++)
        {
            now += Volatile.Read(ref Sequence(unit + i));
        }

        return now == version;
    }

    /// <summary>Takes a unit, if it is free.</summary>
    public bool TryEnter(long unit)
    {
        ref long sequence = ref Sequence(unit);
        long current = Volatile.Read(ref sequence);
        return (current & 1) == 0 && Interlocked.CompareExchange(ref sequence, current + 1, current) == current;
    }

    /// <summary>Takes a range of units if all are free, otherwise none.</summary>
    public bool TryEnter(long unit, int count)
    {
        for (int i = 0; i < count; i++)
        {
            if (!TryEnter(unit + i))
            {
                Exit(unit, i);
                return false;
            }
        }

        return true;
    }

    /// <summary>Takes a unit; spins and yields, for holders that do not block.</summary>
    public void Enter(long unit)
    {
        var spinner = default(SpinWait);
        while (!TryEnter(unit))
        {
            spinner.SpinOnce(sleep1Threshold: -1);
        }
    }

    /// <summary>Takes a range of units in ascending order of their stripes.</summary>
    /// <param name="unit">First unit.</param>
    /// <param name="count">As <see cref="CountOf"/> gives it.</param>
    /// <param name="maySleep">Holders may block: sleep after some spinning. Never on an event loop.</param>
    public void Enter(long unit, int count, bool maySleep)
    {
        int first = (int)(unit & StripeMask);
        int wrapped = Math.Max(0, first + count - Stripes);
        EnterStripes(0, wrapped, maySleep);
        EnterStripes(first, count - wrapped, maySleep);
    }

    /// <summary>Gives a unit back.</summary>
    public void Exit(long unit)
    {
        ref long sequence = ref Sequence(unit);
        Volatile.Write(ref sequence, sequence + 1);
    }

    /// <summary>Gives a range of units back.</summary>
    public void Exit(long unit, int count)
    {
        for (int i = 0; i < count; i++)
        {
            Exit(unit + i);
        }
    }

    /// <summary>Returns when every writer that was inside at the call has left.</summary>
    public void WaitForWriters(bool maySleep)
    {
        for (int stripe = 0; stripe < Stripes; stripe++)
        {
            EnterStripes(stripe, 1, maySleep);
            Exit(stripe);
        }
    }

    private void EnterStripes(int first, int count, bool maySleep)
    {
        for (int stripe = first; stripe < first + count; stripe++)
        {
            var spinner = default(SpinWait);
            while (!TryEnter(stripe))
            {
                spinner.SpinOnce(sleep1Threshold: maySleep ? 20 : -1);
            }
        }
    }

    private ref long Sequence(long unit) => ref _sequences[(unit & StripeMask) << StrideShift];
}
