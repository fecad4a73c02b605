using System.Net;
using Nvmf.Initiator.Multipath;

namespace Nvmf.Initiator.Discovery;

/// <summary>A subsystem, and the paths to it that logs list or listed lately. One caller at a time.</summary>
/// <remarks>
/// <code>
///  path:  listed ──missing in every log──► missing ──DisconnectDelay──► disconnected, in order
///            ▲                                │
///            └──────────listed again──────────┘
/// </code>
/// </remarks>
internal sealed class AutoConnectedSubsystem(NvmeAutoConnect owner, string nqn, NvmeSubsystemConnection connection)
{
    private readonly Dictionary<EndPoint, KnownPath> _paths = [];

    public string Nqn => nqn;

    public NvmeSubsystemConnection Connection => connection;

    public bool HasPaths => _paths.Count > 0;

    /// <summary>Brings the paths in line with the logs.</summary>
    /// <returns>When to look again because of missing paths; infinite for not at all.</returns>
    public TimeSpan Update(IReadOnlyCollection<EndPoint> listed)
    {
        var now = owner.Time.GetTimestamp();
        foreach (var endPoint in listed)
        {
            if (!_paths.TryGetValue(endPoint, out var known))
            {
                TryAdd(endPoint, now);
            }
            else
            {
                known.MissingSince = null;
            }
        }

        var next = Timeout.InfiniteTimeSpan;
        foreach (var (endPoint, known) in _paths.ToArray())
        {
            if (listed.Contains(endPoint))
            {
                TryAgain(endPoint, known, now);
                continue;
            }

            known.MissingSince ??= now;
            var left = owner.Options.DisconnectDelay - owner.Time.GetElapsedTime(known.MissingSince.Value, now);
            if (left <= TimeSpan.Zero)
            {
                Remove(endPoint, known);
            }
            else if (next == Timeout.InfiniteTimeSpan || left < next)
            {
                next = left;
            }
        }

        return next;
    }

    private void TryAdd(EndPoint endPoint, long now)
    {
        if (!owner.Host.CanConnect(endPoint))
        {
            owner.Log.LeftOut(nqn, endPoint, "no transport of this host reaches it");
        }
        else if (_paths.Count >= owner.Options.MaxPaths)
        {
            owner.Log.LeftOut(nqn, endPoint, "the subsystem has as many paths as it may");
        }
        else
        {
            owner.Log.PathAppeared(nqn, endPoint);
            _paths.Add(endPoint, new KnownPath(connection.AddPath(endPoint), now));
        }
    }

    /// <summary>A path that was given up is worth another life, but not with every change of a log: whoever serves one could have us knock at somebody's door all the time.</summary>
    private void TryAgain(EndPoint endPoint, KnownPath known, long now)
    {
        if (known.Path.State != NvmePathState.Removed || owner.Time.GetElapsedTime(known.AddedAt, now) < owner.Options.RefreshInterval)
        {
            return;
        }

        _ = connection.RemovePathAsync(known.Path);
        _paths[endPoint] = new KnownPath(connection.AddPath(endPoint), now);
    }

    private void Remove(EndPoint endPoint, KnownPath known)
    {
        owner.Log.PathVanished(nqn, endPoint);
        _paths.Remove(endPoint);
        // Never faults; the connection waits for it when it is disposed.
        _ = connection.RemovePathAsync(known.Path);
    }

    private sealed class KnownPath(NvmePath path, long addedAt)
    {
        public NvmePath Path => path;

        public long AddedAt => addedAt;

        public long? MissingSince { get; set; }
    }
}
