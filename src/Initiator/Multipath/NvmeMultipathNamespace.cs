using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Initiator.Multipath;

/// <summary>
/// A namespace by all paths that lead to it: a command goes by the best of them, waits while there is none, and is sent again on another when its own is lost.
/// </summary>
/// <remarks>
/// <para>
/// A write ends for its caller only when no transmission of it, on any path, can read its data or reach the medium any more; so does one that fails or is
/// cancelled (failure F4, invariant I10). What that means with which controllers is told in docs/initiator.md.
/// </para>
/// <para>Paths lead to the same namespace when its identifiers (UUID, NGUID, EUI64) do not contradict each other.</para>
/// </remarks>
public sealed partial class NvmeMultipathNamespace : NvmeBlockDevice
{
    private readonly NvmeSubsystemConnection _subsystem;
    private readonly NamespaceIdentity _identity;
    private readonly Lock _lock = new();
    private volatile PathNamespace[] _paths = [];
    private ulong _blockCount;
    private int _maxTransferLength;
    private uint _turn;
    private long _unreachableSince;

    private NvmeMultipathNamespace(NvmeSubsystemConnection subsystem, NvmeNamespace first, in NamespaceIdentity identity)
    {
        _subsystem = subsystem;
        _identity = identity;
        Id = first.Id;
        BlockSize = first.BlockSize;
        _blockCount = first.BlockCount;
        _maxTransferLength = first.MaxTransferLength;
    }

    /// <inheritdoc/>
    public override uint Id { get; }

    /// <inheritdoc/>
    public override int BlockSize { get; }

    /// <inheritdoc/>
    public override ulong BlockCount => Volatile.Read(ref _blockCount);

    /// <summary>Largest read, write or compare of one command on every path so far, in bytes.</summary>
    public override int MaxTransferLength => Volatile.Read(ref _maxTransferLength);

    /// <summary>Paths by which a command could be sent now.</summary>
    public int UsablePaths => _paths.Count(static path => path.Association.IsUsable && path.State is AnaState.Optimized or AnaState.NonOptimized);

    internal static async Task<NvmeMultipathNamespace> OpenAsync(
        NvmeSubsystemConnection subsystem, Association association, uint namespaceId, CancellationToken cancellationToken)
    {
        var first = await association.Controller.OpenNamespaceAsync(namespaceId, cancellationToken).ConfigureAwait(false);
        var identity = await NamespaceIdentity.ReadAsync(first, cancellationToken).ConfigureAwait(false);
        var disk = new NvmeMultipathNamespace(subsystem, first, identity);
        disk.Use(association, new PathNamespace(association, first));
        return disk;
    }

    /// <summary>Asks an association whether it leads to the same namespace.</summary>
    /// <returns>Null: it does not.</returns>
    internal async Task<PathNamespace?> ProbeAsync(Association association, CancellationToken cancellationToken)
    {
        try
        {
            var disk = await association.Controller.OpenNamespaceAsync(Id, cancellationToken).ConfigureAwait(false);
            var identity = await NamespaceIdentity.ReadAsync(disk, cancellationToken).ConfigureAwait(false);
            if (identity.IsSameAs(_identity) && disk.BlockSize == BlockSize)
            {
                return new PathNamespace(association, disk);
            }

            _subsystem.Log.OtherNamespace(Id, association.Path.EndPoint, identity, _identity);
        }
        catch (Exception e) when (e is NvmeException or InvalidOperationException or NotSupportedException)
        {
            _subsystem.Log.AttachFailed(e, Id, association.Path.EndPoint);
        }

        return null;
    }

    /// <summary>Goes by an association in the way found, or no longer.</summary>
    internal void Use(Association association, PathNamespace? found)
    {
        lock (_lock)
        {
            PathNamespace[] others = [.. _paths.Where(path => path.Association != association)];
            _paths = found is null ? others : [.. others, found];
            if (found is null)
            {
                return;
            }

            Volatile.Write(ref _blockCount, found.Disk.BlockCount);
            Volatile.Write(ref _maxTransferLength, Math.Min(_maxTransferLength, found.Disk.MaxTransferLength));
        }
    }

    internal void KeepOnly(Association[] associations)
    {
        lock (_lock)
        {
            _paths = [.. _paths.Where(path => Array.IndexOf(associations, path.Association) >= 0)];
        }
    }

    /// <summary>Remembers since when no path can be used.</summary>
    internal void NoteReachability()
    {
        if (Select(null) is not null)
        {
            Volatile.Write(ref _unreachableSince, 0);
        }
        else
        {
            Interlocked.CompareExchange(ref _unreachableSince, Math.Max(1, _subsystem.Time.GetTimestamp()), 0);
        }
    }

    /// <param name="avoid">Taken only if there is no other as good.</param>
    private PathNamespace? Select(PathNamespace? avoid)
    {
        var paths = _paths;
        PathNamespace? best = null;
        var bestRank = int.MaxValue;
        var start = paths.Length < 2 ? 0 : Interlocked.Increment(ref _turn) % (uint)paths.Length;
        for (uint i = 0; i < paths.Length; i++)
        {
            var path = paths[(start + i) % (uint)paths.Length];
            if (!path.Association.IsUsable)
            {
                continue;
            }

            var rank = path.State switch
            {
                AnaState.Optimized => 0,
                AnaState.NonOptimized => 1,
                _ => int.MaxValue,
            };
            if (rank == int.MaxValue)
            {
                continue;
            }

            if (path == avoid)
            {
                rank += 2;
            }

            if (rank < bestRank || (rank == bestRank && _subsystem.Options.Policy == NvmePathPolicy.LeastBusy && path.Association.Outstanding < best!.Association.Outstanding))
            {
                (best, bestRank) = (path, rank);
            }
        }

        return best;
    }
}
