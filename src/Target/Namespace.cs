using System.Numerics;
using Nvmf.Target.Namespaces;
using Nvmf.Target.Reservations;

namespace Nvmf.Target;

/// <summary>A namespace: numbered blocks over a back end.</summary>
/// <remarks>All members may be called from any thread.</remarks>
public sealed class Namespace
{
    private readonly Lock _resizing = new();
    private readonly Action<Namespace> _changed;
    private readonly Action<Namespace> _faulted;
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ulong _blockCount;

    // One for being attached, one for each user that no fence of a queue would find.
    private int _users = 1;

    internal Namespace(
        uint id, NamespaceOptions options, string subsystemNqn, NamespaceBackend backend, NamespaceReservations reservations, Action<Namespace> changed, Action<Namespace> faulted)
    {
        int blockSize = backend.BlockSize;
        if (!BitOperations.IsPow2(blockSize) || blockSize is < NamespaceBackend.MinBlockSize or > NamespaceBackend.MaxBlockSize)
        {
            throw new ArgumentException($"The blocks of a back end have 512, 1024, 2048 or 4096 bytes, not {blockSize}.", nameof(backend));
        }

        if (backend.BlockCount == 0)
        {
            throw new ArgumentException($"The back end of namespace {id} is smaller than one block of {blockSize} bytes.", nameof(backend));
        }

        Id = id;
        Uuid = options.Uuid ?? SubsystemDefaults.NamespaceUuid(subsystemNqn, id);
        Nguid = options.Nguid ?? Uuid;
        ReadOnly = options.ReadOnly || backend.IsReadOnly;
        OwnsBackend = !options.LeaveBackendOpen;
        Backend = backend;
        LendsMemory = backend.LendsMemory;
        BlockShift = BitOperations.Log2((uint)blockSize);
        CopyLimits = CopyLimits.For(blockSize);
        Reservations = reservations;
        _changed = changed;
        _faulted = faulted;
    }

    /// <summary>Namespace identifier (NSID).</summary>
    public uint Id { get; }

    /// <summary>UUID.</summary>
    public Guid Uuid { get; }

    /// <summary>NGUID, in the order of its bytes on the wire.</summary>
    public Guid Nguid { get; }

    /// <summary>Commands that would change data get Namespace is Write Protected.</summary>
    public bool ReadOnly { get; }

    /// <summary>Where the blocks are.</summary>
    public NamespaceBackend Backend { get; }

    /// <summary>Size in blocks.</summary>
    public ulong BlockCount => Volatile.Read(ref _blockCount);

    /// <summary>Who has registered and reserved it, at this moment.</summary>
    public ReservationInfo Reservation => ReservationInfo.Describe(Reservations.State);

    internal NamespaceReservations Reservations { get; }

    /// <summary>Null while nobody holds a reservation.</summary>
    internal ReservationGuard? ReservationGuard => Reservations.Guard;

    internal int BlockShift { get; }

    internal bool LendsMemory { get; }

    internal CopyLimits CopyLimits { get; }

    internal bool OwnsBackend { get; }

    /// <summary>Follows the back end's size from now on.</summary>
    internal void Attach()
    {
        Backend.Resized += OnResized;
        Backend.Faulted += OnFaulted;
        FollowSize();
    }

    /// <summary>No new users.</summary>
    /// <returns>Ends when the last user that <see cref="TryUse"/> let in has gone.</returns>
    internal Task Detach()
    {
        Backend.Resized -= OnResized;
        Backend.Faulted -= OnFaulted;
        EndUse();
        return _idle.Task;
    }

    /// <summary>For requests that belong to no queue: keeps the back end until <see cref="EndUse"/>.</summary>
    /// <returns>False when the namespace was removed.</returns>
    internal bool TryUse()
    {
        int users = Volatile.Read(ref _users);
        while (users != 0)
        {
            int seen = Interlocked.CompareExchange(ref _users, users + 1, users);
            if (seen == users)
            {
                return true;
            }

            users = seen;
        }

        return false;
    }

    internal void EndUse()
    {
        if (Interlocked.Decrement(ref _users) == 0)
        {
            _idle.TrySetResult();
        }
    }

    private void OnFaulted() => _faulted(this);

    private void OnResized()
    {
        FollowSize();
        _changed(this);
    }

    // Two resizes at once must not leave the older size behind.
    private void FollowSize()
    {
        lock (_resizing)
        {
            Volatile.Write(ref _blockCount, Backend.BlockCount);
        }
    }
}
