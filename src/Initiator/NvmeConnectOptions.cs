using System.Text;
using Nvmf.Abstractions.Authentication;
using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Initiator;

/// <summary>What a host wants of an association with a controller.</summary>
public sealed record NvmeConnectOptions
{
    private static readonly Guid ProcessHostId = Guid.NewGuid();
    private readonly TimeSpan? _keepAlive;

    /// <summary>The subsystem, at most 223 bytes of UTF-8.</summary>
    public required string SubsystemNqn { get; init; }

    /// <summary>The host's name. Default: the UUID form made of <see cref="HostId"/>.</summary>
    public string? HostNqn { get; init; }

    /// <summary>The host identifier. A controller expects the same one from all associations of a host. Default: one per process.</summary>
    public Guid HostId { get; init; } = ProcessHostId;

    /// <summary>I/O queues wanted, 0..65534; the controller may grant fewer. 0: the admin queue only. Default 1.</summary>
    public int QueueCount { get; init; } = 1;

    /// <summary>Commands in flight per I/O queue, 1..1023; the controller's CAP.MQES and MAXCMD may lower it. Default 127 (a queue of 128 entries).</summary>
    public int QueueDepth { get; init; } = 127;

    /// <summary>
    /// Keep-alive time-out (KATO); zero for none. Default 5 s; none for the well-known discovery subsystem, whose controllers are persistent only when this is set.
    /// </summary>
    public TimeSpan KeepAlive
    {
        get => _keepAlive ?? (SubsystemNqn == Nqn.Discovery ? TimeSpan.Zero : TimeSpan.FromSeconds(5));
        init => _keepAlive = value;
    }

    /// <summary>Ask for header digests.</summary>
    public bool HeaderDigest { get; init; }

    /// <summary>Ask for data digests.</summary>
    public bool DataDigest { get; init; }

    /// <summary>
    /// Ask for submission queue flow control to be switched off (CATTR bit 2): the controller may then leave out the completion of a
    /// successful read on TCP.
    /// </summary>
    public bool DisableSqFlowControl { get; init; }

    /// <summary>
    /// Code that awaits a block command (<see cref="NvmeBlockDevice"/>) may go on on the event loop of its queue instead of on the thread pool. That saves about
    /// half of the CPU time of a small command (bench/README.md). In return such code must not block, nor compute for long: every
    /// connection of the loop waits for it, and a command that it would wait for never ends. Default false.
    /// </summary>
    public bool RunContinuationsOnLoop { get; init; }

    /// <summary>Async Event Requests to keep outstanding, 0..16; the controller's AERL may lower it. Default 1.</summary>
    public int AsyncEventRequests { get; init; } = 1;

    /// <summary>
    /// This host's secret (DH-HMAC-CHAP), for controllers that ask for authentication, on every queue; it belongs to <see cref="HostNqn"/>. The caller's: not to be disposed while connections are
    /// made with these options, which reconnecting paths do. Default null: such controllers cannot be connected.
    /// </summary>
    public DhChapSecret? HostSecret { get; init; }

    /// <summary>
    /// The controller's secret. When it is set, a controller that does not prove that it has it, or does not authenticate at all, is not connected. Needs <see cref="HostSecret"/>, and is the
    /// caller's as well. Default null: controllers are believed.
    /// </summary>
    public DhChapSecret? ControllerSecret { get; init; }

    /// <summary>Hash functions offered for authentication; the controller chooses. Default: all.</summary>
    public IReadOnlyList<DhChapHash> AuthenticationHashes { get; init; } = [DhChapHash.Sha256, DhChapHash.Sha384, DhChapHash.Sha512];

    /// <summary>
    /// Diffie-Hellman groups offered for authentication; the controller chooses. Default: all, NULL included, which is what Linux's target chooses unless it is told otherwise. A secret
    /// that could be guessed should not be used with it.
    /// </summary>
    public IReadOnlyList<DhChapGroup> AuthenticationGroups { get; init; } =
        [DhChapGroup.Ffdhe2048, DhChapGroup.Ffdhe3072, DhChapGroup.Ffdhe4096, DhChapGroup.Ffdhe6144, DhChapGroup.Ffdhe8192, DhChapGroup.Null];

    /// <summary>Time for the authentication of each queue. Default 30 s.</summary>
    public TimeSpan AuthenticationTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Time for each queue's connection and transport handshake. Default 10 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Deadline of an I/O command from the call on, waiting included. Then it is aborted. Default 30 s.</summary>
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Deadline of an admin or fabrics command. Default 60 s.</summary>
    public TimeSpan AdminTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a late command may take to end after Abort was sent; then the association is torn down. Default 5 s.</summary>
    public TimeSpan AbortTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long to wait for the controller's shutdown when disposing. Default 5 s.</summary>
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromSeconds(5);

    internal string EffectiveHostNqn => HostNqn ?? Nqn.FromUuid(HostId);

    internal void Validate()
    {
        // Names are checked for what the wire can carry, no more: a test tool must be able to send bad ones.
        ThrowIfTooLong(SubsystemNqn, nameof(SubsystemNqn));
        ThrowIfTooLong(EffectiveHostNqn, nameof(HostNqn));
        ThrowIfOutside(QueueCount, 0, 65534, nameof(QueueCount));
        ThrowIfOutside(QueueDepth, 1, 1023, nameof(QueueDepth));
        ThrowIfOutside(AsyncEventRequests, 0, 16, nameof(AsyncEventRequests));
        ThrowIfOutside(KeepAlive, TimeSpan.Zero, nameof(KeepAlive));
        foreach (var (value, name) in new[]
        {
            (ConnectTimeout, nameof(ConnectTimeout)), (CommandTimeout, nameof(CommandTimeout)), (AdminTimeout, nameof(AdminTimeout)),
            (AbortTimeout, nameof(AbortTimeout)), (ShutdownTimeout, nameof(ShutdownTimeout)), (AuthenticationTimeout, nameof(AuthenticationTimeout)),
        })
        {
            ThrowIfOutside(value, TimeSpan.FromMilliseconds(1), name);
        }

        ThrowIfUnusable(AuthenticationHashes, nameof(AuthenticationHashes));
        ThrowIfUnusable(AuthenticationGroups, nameof(AuthenticationGroups));
        if (ControllerSecret is not null && HostSecret is null)
        {
            throw new ArgumentException("A controller proves itself only to a host that does: ControllerSecret needs HostSecret.", nameof(ControllerSecret));
        }
    }

    private static void ThrowIfUnusable<T>(IReadOnlyList<T> choices, string name)
        where T : struct, Enum
    {
        ArgumentNullException.ThrowIfNull(choices, name);
        if (choices.Count == 0 || choices.Distinct().Count() != choices.Count || !choices.All(Enum.IsDefined))
        {
            throw new ArgumentException($"{name} must have at least one, each once, and none that is not known.", name);
        }
    }

    private static void ThrowIfTooLong(string? nqn, string name)
    {
        ArgumentNullException.ThrowIfNull(nqn, name);
        if (Encoding.UTF8.GetByteCount(nqn) >= Nqn.FieldLength || nqn.Contains('\0'))
        {
            throw new ArgumentException($"{name} does not fit into the {Nqn.FieldLength} bytes of its field.", name);
        }
    }

    private static void ThrowIfOutside(int value, int least, int most, string name)
    {
        if (value < least || value > most)
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be between {least} and {most}.");
        }
    }

    private static void ThrowIfOutside(TimeSpan value, TimeSpan least, string name)
    {
        if (value < least || value.TotalDays > 24)
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be between {least} and 24 days.");
        }
    }
}
