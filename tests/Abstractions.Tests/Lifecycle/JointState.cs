using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Abstractions.Tests.Lifecycle;

/// <summary>The word, where every actor stands, and what an observer has seen so far; packed, for a visited set of millions.</summary>
internal readonly record struct JointState(ulong Bits, ulong Actors)
{
    public QueuePairWord Word => new(Bits);

    public int this[Field field] => (int)(Actors >> (int)field) & Mask(field);

    public JointState With(QueuePairWord word) => this with { Bits = word.Bits };

    public JointState With(Field field, int value) =>
        this with { Actors = (Actors & ~((ulong)Mask(field) << (int)field)) | ((ulong)value << (int)field) };

    public JointState WithSeen(StageCallback callback) => With(Field.Seen, this[Field.Seen] | (1 << ((int)callback - 1)));

    public bool HasSeen(StageCallback callback) => (this[Field.Seen] & (1 << ((int)callback - 1))) != 0;

    /// <summary>Puts two actors with the same program into one order, which stands for both.</summary>
    public JointState Sort(Field first, Field second)
    {
        int a = this[first], b = this[second];
        return a <= b ? this : With(first, b).With(second, a);
    }

    public bool Equals(JointState other) => Bits == other.Bits && Actors == other.Actors;

    public override int GetHashCode() => (int)(((Bits * 0x9E3779B97F4A7C15) ^ (Actors * 0xC2B2AE3D27D4EB4F)) >> 32);

    public override string ToString()
    {
        JointState self = this;
        return $"{Word} | {string.Join(' ', Enum.GetValues<Field>().Where(field => self[field] != 0).Select(field => $"{field}={self[field]}"))}";
    }

    private static int Mask(Field field) => field switch
    {
        Field.Seen => 31,
        Field.Command0 or Field.Command1 => 7,
        _ => 3,
    };

    /// <summary>Position of each field's first bit.</summary>
    internal enum Field
    {
        // 0 not come yet, 1 holds a command, 2 a command and a transmission, 3 a transmission, 4 gone.
        Command0 = 0,
        Command1 = 3,

        // 0 not come yet, 1 holds a reference, 2 gone.
        Transmission0 = 6,
        Transmission1 = 8,
        PostedReceive = 10,
        Event0 = 12,
        Event1 = 14,
        Registration = 16,

        // The transport inside its callbacks: a transmission acquired in OnDraining, an event acquired in OnAborting or OnAbandoned.
        DrainingWork = 18,
        AbortingWork = 20,
        AbandonedWork = 22,

        // 0 not come yet, 1 has recorded its cause first and will apply it, 2 done.
        Closer0 = 24,
        Closer1 = 26,
        Aborter = 28,

        // The first cause: 1, 2 the closers, 3 the aborter.
        Cause = 30,

        // 1 while a callback runs.
        Running = 32,

        // 1 once T1 or T3 was applied; 1 once T3 was applied.
        CommandsGivenUp = 34,
        WireGivenUp = 36,

        // 1 once OnAbandoned has returned.
        AbandonedReturned = 38,

        // One bit for each callback made, by number.
        Seen = 40,
    }
}
