using System.Net;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Initiator.Multipath;

namespace Nvmf.Initiator.Discovery;

// One round, after every change of a log:
//
//   given discovery controllers ──walk over the last log of each──► controllers within reach ──► watchers begun and ended
//                                                              └──► paths listed ──► subsystems and their paths
public sealed partial class NvmeAutoConnect
{
    /// <returns>When to look again although no log changed.</returns>
    private async Task<TimeSpan> ReconcileAsync()
    {
        var walk = WatchControllers();
        var listed = walk.Paths.GroupBy(static path => path.SubsystemNqn, static path => path.EndPoint).ToDictionary(static group => group.Key, static group => group.ToHashSet());
        var next = Options.RefreshInterval;
        foreach (var subsystem in _subsystems.Values.ToArray())
        {
            listed.Remove(subsystem.Nqn, out var endPoints);
            var left = subsystem.Update(endPoints ?? []);
            if (left != Timeout.InfiniteTimeSpan && left < next)
            {
                next = left;
            }
        }

        foreach (var (nqn, endPoints) in listed)
        {
            await ConnectAsync(nqn, endPoints).ConfigureAwait(false);
        }

        _endings.RemoveAll(static task => task.IsCompleted);
        return next < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : next;
    }

    private ReferralWalk WatchControllers()
    {
        var walk = new ReferralWalk(Options.Limits);
        walk.Begin(Options.DiscoveryControllers.Select(static endPoint => new NvmeDiscoveredPath(Nqn.Discovery, endPoint)));
        var reached = new HashSet<NvmeDiscoveredPath>();
        while (walk.TryNext(out var controller, out var depth))
        {
            if (!Host.CanConnect(controller.EndPoint))
            {
                continue;
            }

            reached.Add(controller);
            if (!_watchers.TryGetValue(controller, out var watcher))
            {
                _watchers.Add(controller, watcher = new DiscoveryWatcher(this, controller, _stop.Token));
            }

            if (watcher.Log is { } log)
            {
                walk.Add(log, depth);
            }
        }

        foreach (var (controller, watcher) in _watchers.ToArray())
        {
            if (reached.Contains(controller))
            {
                continue;
            }

            _watchers.Remove(controller);
            _endings.Add(watcher.DisposeAsync().AsTask());
        }

        return walk;
    }

    private async Task ConnectAsync(string nqn, HashSet<EndPoint> endPoints)
    {
        NvmeMultipathOptions? options;
        try
        {
            options = Options.Select(nqn);
            if (options is not null && options.Connect.SubsystemNqn != nqn)
            {
                throw new ArgumentException($"The options for {nqn} name {options.Connect.SubsystemNqn}.");
            }

            options?.Validate();
        }
#pragma warning disable CA1031 // The caller's code; the other subsystems are not to suffer.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Log.SelectFailed(e, nqn);
            return;
        }

        if (options is null || !await MakeRoomAsync().ConfigureAwait(false))
        {
            if (options is not null)
            {
                Log.LeftOut(nqn, endPoints.First(), "as many subsystems are connected as may be");
            }

            return;
        }

        // Paths first: who finds a subsystem without any takes it for one that cannot be reached.
        var subsystem = new AutoConnectedSubsystem(this, nqn, Host.NewSubsystem(options));
        subsystem.Update(endPoints);
        lock (_lock)
        {
            _subsystems.Add(nqn, subsystem);
        }

        _subsystemsChanged.Raise();
    }

    /// <summary>A subsystem without paths gives way to one that is listed.</summary>
    private async Task<bool> MakeRoomAsync()
    {
        if (_subsystems.Count < Options.MaxSubsystems)
        {
            return true;
        }

        if (_subsystems.Values.FirstOrDefault(static subsystem => !subsystem.HasPaths) is not { } vanished)
        {
            return false;
        }

        lock (_lock)
        {
            _subsystems.Remove(vanished.Nqn);
        }

        await vanished.Connection.DisposeAsync().ConfigureAwait(false);
        return true;
    }
}
