namespace Nvmf.Abstractions.Lifecycle;

/// <summary>State, progress and reference counts of a queue pair in one 64-bit word.</summary>
/// <remarks>
/// <code>
/// 63   61   60        59      58      57   55   54        51   50  41   49..  40      29   28         13   12     0
/// ┌──────┬─────────┬───────┬───────┬──────────┬─────────────┬────────┬─────────────────┬───────────────┬──────────┐
/// │state │abandoned│overdue│running│ callback │registrations│ events │ posted receives │ transmissions │ commands │
/// │  3   │    1    │   1   │   1   │    3     │      4      │   10   │       12        │      16       │    13    │
/// └──────┴─────────┴───────┴───────┴──────────┴─────────────┴────────┴─────────────────┴───────────────┴──────────┘
/// callback   the last stage callback started        overdue    T1 passed: commands hold nothing up any more
/// running    it has not returned yet                abandoned  T3 passed with transmissions or posted receives out
/// </code>
/// The counts by kind are the reference count: an acquisition or release is one compare-and-swap.
/// </remarks>
internal readonly partial struct QueuePairWord(ulong bits) : IEquatable<QueuePairWord>
{
    private const int CallbackShift = 55;
    private const ulong RunningBit = 1UL << 58;
    private const ulong OverdueBit = 1UL << 59;
    private const ulong AbandonedBit = 1UL << 60;
    private const int StateShift = 61;

    /// <summary>The state after <see cref="QueuePairState.Closed"/>: the last reference is gone. Outside it shows as Closed.</summary>
    public const QueuePairState Destroyed = QueuePairState.Closed + 1;

    public ulong Bits { get; } = bits;

    public QueuePairState State => (QueuePairState)(Bits >> StateShift);

    /// <summary>The last stage callback started.</summary>
    public StageCallback Callback => (StageCallback)((Bits >> CallbackShift) & 7);

    public bool IsRunning => (Bits & RunningBit) != 0;

    public bool IsOverdue => (Bits & OverdueBit) != 0;

    public bool IsAbandoned => (Bits & AbandonedBit) != 0;

    // First bit of each kind's count in the order of ReferenceKind, and the end of the last.
    private static ReadOnlySpan<byte> Shifts => [0, 13, 29, 41, 51, CallbackShift];

    public int Count(ReferenceKind kind) => (int)((Bits >> Shifts[(int)kind]) & (uint)Limit(kind));

    /// <summary>The largest count of a kind; more is refused.</summary>
    public static int Limit(ReferenceKind kind) => (1 << (Shifts[(int)kind + 1] - Shifts[(int)kind])) - 1;

    /// <summary>Nothing that kernel or adapter can still touch is out.</summary>
    public bool IsOffTheWire => Count(ReferenceKind.Transmission) == 0 && Count(ReferenceKind.PostedReceive) == 0;

    public QueuePairWord Add(ReferenceKind kind, int count) => new(Bits + ((ulong)count << Shifts[(int)kind]));

    public QueuePairWord Subtract(ReferenceKind kind, int count) => new(Bits - ((ulong)count << Shifts[(int)kind]));

    public QueuePairWord With(QueuePairState state) => new((Bits & ~(7UL << StateShift)) | ((ulong)state << StateShift));

    public QueuePairWord WithOverdue() => new(Bits | OverdueBit);

    public QueuePairWord WithAbandoned() => new(Bits | AbandonedBit);

    public QueuePairWord WithStarted(StageCallback callback) =>
        new((Bits & ~(7UL << CallbackShift)) | ((ulong)callback << CallbackShift) | RunningBit);

    public QueuePairWord WithReturned() => new(Bits & ~RunningBit);

    public bool Equals(QueuePairWord other) => Bits == other.Bits;

    public override bool Equals(object? obj) => obj is QueuePairWord other && Equals(other);

    public override int GetHashCode() => Bits.GetHashCode();

    public override string ToString() =>
        $"{(State == Destroyed ? "Destroyed" : State)} c{Count(ReferenceKind.Command)} t{Count(ReferenceKind.Transmission)} p{Count(ReferenceKind.PostedReceive)} "
        + $"e{Count(ReferenceKind.Event)} r{Count(ReferenceKind.Registration)} {Callback}{(IsRunning ? " running" : "")}{(IsOverdue ? " overdue" : "")}{(IsAbandoned ? " abandoned" : "")}";
}
