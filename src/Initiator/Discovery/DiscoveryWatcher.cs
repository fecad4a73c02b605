using System.Net;
using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Initiator.Discovery;

/// <summary>Keeps the log of one discovery controller up to date.</summary>
/// <remarks>
/// <code>
///  connecting ──► reading ──log──► watching (keep-alive) ──log changed (AEN), refresh interval──► reading
///      ▲ │            └──fails──┐     └──association ends──┐
///      │ └──fails──► waiting ◄──┴──────────────────────────┘
///      └──reconnect delay─┘
/// </code>
/// A controller that refuses a keep-alive time-out is connected for each reading only. What was read last stays valid while the controller cannot be reached: the loss of a discovery
/// controller says nothing about the subsystems.
/// </remarks>
internal sealed class DiscoveryWatcher : IAsyncDisposable
{
    // Bounds what a controller can have us do by claiming change after change.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly NvmeAutoConnect _owner;
    private readonly CancellationTokenSource _stop;
    private readonly Task _running;
    private volatile DiscoverySummary? _log;
    private bool _persistent = true;

    public DiscoveryWatcher(NvmeAutoConnect owner, NvmeDiscoveredPath controller, CancellationToken stop)
    {
        _owner = owner;
        Controller = controller;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(stop);
        _running = Task.Run(RunAsync, CancellationToken.None);
    }

    public NvmeDiscoveredPath Controller { get; }

    /// <summary>The last log; null before the first.</summary>
    public DiscoverySummary? Log => _log;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        _stop.Dispose();
    }

    private EndPoint EndPoint => Controller.EndPoint;

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            var pause = _owner.Options.ReconnectDelay;
            try
            {
                var controller = await _owner.Host.ConnectAsync(EndPoint, _owner.Options.NewDiscoveryOptions(Controller.SubsystemNqn, _persistent), _stop.Token).ConfigureAwait(false);
                await using (controller.ConfigureAwait(false))
                {
                    if (_persistent)
                    {
                        await WatchAsync(controller).ConfigureAwait(false);
                    }
                    else
                    {
                        await ReadAsync(controller).ConfigureAwait(false);
                    }
                }

                if (!_persistent)
                {
                    pause = _owner.Options.RefreshInterval;
                }
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                break;
            }
            catch (NvmeException e) when (_persistent && e.Status.IsSameCode(NvmeStatus.ConnectInvalidParameters))
            {
                // Discovery controllers of NVMe-oF 1.0 know no keep-alive.
                _persistent = false;
                pause = Pause;
            }
#pragma warning disable CA1031 // Whatever it was, it is tried again; the reason is logged.
            catch (Exception e)
#pragma warning restore CA1031
            {
                _owner.Log.DiscoveryFailed(e, EndPoint);
            }

            await Task.Delay(pause, _owner.Time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task WatchAsync(NvmeController controller)
    {
        while (!controller.Ending.IsCompleted)
        {
            // Before reading: a change that is announced from here on is read by the next round.
            while (controller.Events.TryRead(out _))
            {
            }

            await ReadAsync(controller).ConfigureAwait(false);
            await Task.Delay(Pause, _owner.Time, _stop.Token).ConfigureAwait(false);
            await WaitForChangeAsync(controller).ConfigureAwait(false);
        }
    }

    private async Task ReadAsync(NvmeController controller)
    {
        var log = await NvmeDiscovery.GetLogAsync(controller, _stop.Token).ConfigureAwait(false);
        _log = DiscoverySummary.Of(log, _owner.Options.Limits);
        _owner.Log.LogRead(EndPoint, log.Generation, _log.Paths.Count, _log.Referrals.Count, _log.Skipped);
        _owner.RaiseChanged();
    }

    /// <summary>Waits for the event, for its absence to become doubtful, or for the end.</summary>
    private async Task WaitForChangeAsync(NvmeController controller)
    {
        using var deadline = new CancellationTokenSource(_owner.Options.RefreshInterval, _owner.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, _stop.Token);
        try
        {
            await foreach (var notice in controller.Events.ReadAllAsync(either.Token).ConfigureAwait(false))
            {
                if (notice.Type == AsynchronousEventType.Notice && notice.Information == (byte)AsynchronousEventNotice.DiscoveryLogChange)
                {
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (!_stop.IsCancellationRequested)
        {
            // Events are optional: look now and then.
        }
    }
}
