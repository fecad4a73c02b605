using System.Net;

namespace Nvmf.Initiator.Multipath;

/// <summary>One way to a subsystem: an address, and the association that is kept with the controller there.</summary>
/// <remarks>
/// <code>
///  Connecting ──► Live ──association ends──► Connecting ──fails──► Waiting ──reconnect delay──► Connecting
///       │            └──before the reconnect delay has passed────────► Waiting
///       └──refused with Do Not Retry or by authentication, lost for longer than the controller loss time-out──► Removed
/// </code>
/// The old association drains and is fenced beside the new one. All members may be called from any thread.
/// </remarks>
public sealed class NvmePath
{
    private readonly NvmeSubsystemConnection _subsystem;
    private readonly CancellationTokenSource _stop;
    private volatile NvmePathState _state;
    private volatile Association? _association;
    private volatile Exception? _lastError;
    private int _associations;

    internal NvmePath(NvmeSubsystemConnection subsystem, EndPoint endPoint, CancellationToken stop)
    {
        _subsystem = subsystem;
        EndPoint = endPoint;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Completion = Task.Run(RunAsync, CancellationToken.None);
    }

    /// <summary>The controller's address.</summary>
    public EndPoint EndPoint { get; }

    /// <summary>What the path is doing.</summary>
    public NvmePathState State => _state;

    /// <summary>The controller while the path is live, or null.</summary>
    public NvmeController? Controller => _association is { IsUsable: true } association ? association.Controller : null;

    /// <summary>Why the last association ended or could not be made; null when there was no reason to complain.</summary>
    public Exception? LastError => _lastError;

    /// <summary>Associations made so far.</summary>
    public int Associations => Volatile.Read(ref _associations);

    internal Task Completion { get; }

    /// <summary>Called once.</summary>
    internal async Task StopAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await Completion.ConfigureAwait(false);
        // Or the subsystem's token would remember every path there ever was.
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        var lostAt = _subsystem.Time.GetTimestamp();
        while (!_stop.IsCancellationRequested)
        {
            Enter(NvmePathState.Connecting);
            try
            {
                var association = await _subsystem.AssociateAsync(this, _stop.Token).ConfigureAwait(false);
                var liveAt = _subsystem.Time.GetTimestamp();
                await LiveAsync(association).ConfigureAwait(false);
                lostAt = _subsystem.Time.GetTimestamp();
                // A controller that drops each association as soon as it has it would have us knock as fast as the network allows.
                if (_subsystem.Time.GetElapsedTime(liveAt, lostAt) >= _subsystem.Options.ReconnectDelay)
                {
                    continue;
                }
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                break;
            }
#pragma warning disable CA1031 // Whatever it was, the path is not there, and the reason is kept and logged.
            catch (Exception e)
#pragma warning restore CA1031
            {
                _lastError = e;
                _subsystem.Log.ConnectFailed(e, EndPoint);
                if (IsFinal(e) || IsLostFor(lostAt))
                {
                    break;
                }
            }

            Enter(NvmePathState.Waiting);
            await Task.Delay(_subsystem.Options.ReconnectDelay, _subsystem.Time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!IsLostFor(lostAt))
            {
                continue;
            }

            break;
        }

        Enter(NvmePathState.Removed);
        _subsystem.Log.PathRemoved(EndPoint);
    }

    private async Task LiveAsync(Association association)
    {
        Interlocked.Increment(ref _associations);
        _association = association;
        Enter(NvmePathState.Live);
        await _subsystem.WaitAsync(association.Controller.Ending, Timeout.InfiniteTimeSpan, _stop.Token).ConfigureAwait(false);
        if (_stop.IsCancellationRequested)
        {
            // In order: commands that are out get their answers, and nothing needs a fence.
            await association.RetireAsync(association.Controller.Options.ShutdownTimeout).ConfigureAwait(false);
            await association.Controller.DisposeAsync().ConfigureAwait(false);
        }
        else
        {
            association.Controller.AbortQueues();
            _subsystem.DisposeLater(association);
        }

        _association = null;
        _subsystem.Dissociate(association);
    }

    private bool IsLostFor(long lostAt) =>
        _subsystem.Options.ControllerLossTimeout != Timeout.InfiniteTimeSpan && _subsystem.Time.GetElapsedTime(lostAt) >= _subsystem.Options.ControllerLossTimeout;

    private static bool IsFinal(Exception error) =>
        error is NvmeException { Status.DoNotRetry: true } or NvmeAuthenticationException or NotSupportedException or ArgumentException;

    private void Enter(NvmePathState state)
    {
        _state = state;
        _subsystem.RaiseChanged();
    }
}
