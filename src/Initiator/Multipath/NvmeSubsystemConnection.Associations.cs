using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Initiator.Multipath;

public sealed partial class NvmeSubsystemConnection
{
    /// <summary>Connects, learns what the controller says of its namespaces, and lets commands use it.</summary>
    internal async Task<Association> AssociateAsync(NvmePath path, CancellationToken cancellationToken)
    {
        var controller = await _connect(path.EndPoint, cancellationToken).ConfigureAwait(false);
        try
        {
            var ana = await AnaStates.ReadAsync(controller, cancellationToken).ConfigureAwait(false);
            var association = new Association(this, path, controller, ana);
            while (!await TryIntroduceAsync(association, cancellationToken).ConfigureAwait(false))
            {
                // A namespace was opened meanwhile: it is to meet this association, too.
            }

            _ = WatchEventsAsync(association);
            return association;
        }
        catch
        {
            await controller.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    internal void Dissociate(Association association)
    {
        Log.PathLost(association.Path.EndPoint);
        lock (_lock)
        {
            _live = [.. _live.Where(other => other != association)];
            foreach (var disk in _opened)
            {
                disk.Use(association, null);
            }
        }

        RaiseChanged();
    }

    // No lock is held while a controller is asked: one that says nothing is not to hold up the other paths.
    private async Task<bool> TryIntroduceAsync(Association association, CancellationToken cancellationToken)
    {
        var opened = _opened;
        var found = new PathNamespace?[opened.Length];
        for (var i = 0; i < opened.Length; i++)
        {
            found[i] = await opened[i].ProbeAsync(association, cancellationToken).ConfigureAwait(false);
        }

        lock (_lock)
        {
            if (opened != _opened)
            {
                return false;
            }

            for (var i = 0; i < opened.Length; i++)
            {
                opened[i].Use(association, found[i]);
            }

            _live = [.. _live, association];
            return true;
        }
    }

    /// <summary>The drain of a lost association holds nobody up, but the end of this connection waits for it.</summary>
    internal void DisposeLater(Association association)
    {
        var ending = association.Controller.DisposeAsync().AsTask();
        lock (_lock)
        {
            _endings.Add(ending);
        }

        ending.ContinueWith(
            task =>
            {
                lock (_lock)
                {
                    _endings.Remove(task);
                }
            },
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }

    internal void RaiseChanged()
    {
        foreach (var disk in _opened)
        {
            disk.NoteReachability();
        }

        Changes.Raise();
    }

    /// <summary>Waits for <paramref name="task"/>, for a time, or for the token; the caller looks which it was. Never throws.</summary>
    internal async Task WaitAsync(Task task, TimeSpan atMost, CancellationToken cancellationToken)
    {
        // A time that was computed may have shrunk to less than a timer can do.
        if (atMost != Timeout.InfiniteTimeSpan && atMost < TimeSpan.FromMilliseconds(1))
        {
            atMost = TimeSpan.FromMilliseconds(1);
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(task, Task.Delay(atMost, Time, stop.Token)).ConfigureAwait(false);
        await stop.CancelAsync().ConfigureAwait(false);
    }

    // With _opening held: namespaces are opened one after the other, while associations come and go.
    private async Task<NvmeMultipathNamespace?> TryOpenAsync(uint namespaceId, CancellationToken cancellationToken)
    {
        NvmeMultipathNamespace? disk = null;
        var asked = new HashSet<Association>();
        while (true)
        {
            var live = _live;
            foreach (var association in live)
            {
                if (!association.IsUsable || !asked.Add(association))
                {
                    continue;
                }

                try
                {
                    if (disk is null)
                    {
                        disk = await NvmeMultipathNamespace.OpenAsync(this, association, namespaceId, cancellationToken).ConfigureAwait(false);
                    }
                    else
                    {
                        disk.Use(association, await disk.ProbeAsync(association, cancellationToken).ConfigureAwait(false));
                    }
                }
                catch (Exception e) when (e is NvmeConnectionException or TimeoutException)
                {
                    // The association is ending; the next one will do.
                    Log.AttachFailed(e, namespaceId, association.Path.EndPoint);
                }
            }

            if (disk is null)
            {
                return null;
            }

            lock (_lock)
            {
                if (live != _live)
                {
                    continue;
                }

                disk.KeepOnly(live);
                _namespaces.Add(namespaceId, disk);
                _opened = [.. _namespaces.Values];
                return disk;
            }
        }
    }

    private async Task WatchEventsAsync(Association association)
    {
        await foreach (var notice in association.Controller.Events.ReadAllAsync().ConfigureAwait(false))
        {
            if (notice.Type != AsynchronousEventType.Notice)
            {
                continue;
            }

            if (notice.Information == (byte)AsynchronousEventNotice.AsymmetricNamespaceAccessChange)
            {
                await association.RefreshAnaAsync().ConfigureAwait(false);
            }
            else if (notice.Information == (byte)AsynchronousEventNotice.NamespaceAttributeChanged)
            {
                await ReattachAsync(association).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Namespaces came, went or changed their size.</summary>
    private async Task ReattachAsync(Association association)
    {
        try
        {
            // Reading it makes the controller report the next change.
            await association.Controller.GetLogPageAsync(LogPageIdentifier.ChangedNamespaceList, new byte[4096]).ConfigureAwait(false);
            foreach (var disk in _opened)
            {
                var found = await disk.ProbeAsync(association, CancellationToken.None).ConfigureAwait(false);
                lock (_lock)
                {
                    if (Array.IndexOf(_live, association) >= 0)
                    {
                        disk.Use(association, found);
                    }
                }
            }
        }
        catch (Exception e) when (e is IOException or TimeoutException)
        {
            Log.AttachFailed(e, 0, association.Path.EndPoint);
        }

        RaiseChanged();
    }
}
