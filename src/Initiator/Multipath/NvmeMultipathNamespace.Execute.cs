using System.Runtime.ExceptionServices;
using Nvmf.Initiator.Internal;

namespace Nvmf.Initiator.Multipath;

// One command of the multipath layer:
//
//   choose a path ──► transmission: sent, answered, released ──success──► done
//     ▲   (waits while there is none,  │
//     │    FastFailTimeout)            ├──answered: worth another try──► pause, look at the ANA states ─┐
//     │                                ├──connection lost, read──────────────────────────────────────────┤
//     │                                └──connection lost, write──► fence of the lost association ───────┤
//     └─────────────────────────────────────────────────────────────────────────────────────────────────┘
//
// A transmission's task ends when its buffers are proven off the wire, so there is never more than one that could be read by a transport. Nothing shortens the fence:
// a write that fails or is cancelled ends behind it as well.
public sealed partial class NvmeMultipathNamespace
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    private static readonly ReusePool<PathTransmission> Transmissions = new(static pool => new PathTransmission(pool));

    internal override ValueTask ExecuteAsync(BlockCommand command, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellationToken);
        }

        return Select(null) is { } path
            ? Transmissions.Rent().Start(this, path, command, cancellationToken)
            : new ValueTask(ContinueAsync(command, null, null, cancellationToken));
    }

    /// <summary>What is left of a command that could not be sent at once, or whose first transmission failed by <paramref name="failed"/>.</summary>
    internal async Task ContinueAsync(BlockCommand command, PathNamespace? failed, Exception? error, CancellationToken cancellationToken)
    {
        var retries = 0;
        while (true)
        {
            if (failed is not null && error is not null)
            {
                var lost = Failures.LostConnection(error);
                if (lost is { MayHaveBeenSent: true } && command.ChangesMedium)
                {
                    await FenceAsync(failed).ConfigureAwait(false);
                }

                cancellationToken.ThrowIfCancellationRequested();
                if (lost is null && retries++ >= _subsystem.Options.MaxRetries)
                {
                    ExceptionDispatchInfo.Throw(error);
                }

                _subsystem.Log.Retry(error, command.Name, Id, failed.Association.Path.EndPoint);
                if (lost is null)
                {
                    await PauseAsync(failed, error, retries, cancellationToken).ConfigureAwait(false);
                }
            }

            var path = Select(failed) ?? await WaitForPathAsync(command.Name, cancellationToken).ConfigureAwait(false);
            path.Association.Begin();
            try
            {
                await path.Disk.SubmitAsync(command, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (Exception e) when (Failures.IsWorthAnotherTry(e))
            {
                (failed, error) = (path, e);
            }
            finally
            {
                path.Association.End();
            }
        }
    }

    private Task FenceAsync(PathNamespace path) =>
        _subsystem.Options.FenceWrites ? path.Association.FenceAsync() : path.Association.Ended;

    private async Task PauseAsync(PathNamespace path, Exception error, int retries, CancellationToken cancellationToken)
    {
        var pause = TimeSpan.FromMilliseconds(10 << Math.Min(retries, 10));
        if (error is NvmeException { Status: var status })
        {
            if (Failures.IsAboutAccess(status))
            {
                await path.Association.RefreshAnaAsync().ConfigureAwait(false);
            }

            if (Failures.RetryDelay(status, in path.Association.Controller.Identity) is { } asked)
            {
                pause = asked;
            }
        }
        else if (error is TimeoutException)
        {
            pause = TimeSpan.Zero;
        }

        // Another path may do at once what this one could not.
        if (pause > TimeSpan.Zero && (Select(path) is not { } other || other == path))
        {
            await _subsystem.WaitAsync(_subsystem.Changes.Next, pause < LongestPause ? pause : LongestPause, cancellationToken).ConfigureAwait(false);
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    private async ValueTask<PathNamespace> WaitForPathAsync(string command, CancellationToken cancellationToken)
    {
        while (true)
        {
            var changed = _subsystem.Changes.Next;
            NoteReachability();
            if (Select(null) is { } path)
            {
                return path;
            }

            var left = Timeout.InfiniteTimeSpan;
            if (_subsystem.Options.FastFailTimeout != Timeout.InfiniteTimeSpan)
            {
                var since = Volatile.Read(ref _unreachableSince);
                left = _subsystem.Options.FastFailTimeout - (since == 0 ? TimeSpan.Zero : _subsystem.Time.GetElapsedTime(since));
                if (left <= TimeSpan.Zero)
                {
                    throw _subsystem.NoPath($"{command} on namespace {Id} waited for {_subsystem.Options.FastFailTimeout.TotalSeconds:0.###} s");
                }
            }

            if (_subsystem.IsHopeless)
            {
                throw _subsystem.NoPath($"{command} on namespace {Id} failed");
            }

            await _subsystem.WaitAsync(changed, left, cancellationToken).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }
}
