using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Initiator.Internal;

namespace Nvmf.Initiator;

public sealed partial class NvmeController
{
    private readonly CancellationTokenSource _stopping = new();
    private ITimer? _deadlines;

    private void StartKeepAlive()
    {
        if (Options.KeepAlive > TimeSpan.Zero)
        {
            _ = KeepAliveAsync();
        }
    }

    /// <summary>
    /// Half the time-out between Keep Alive commands. With traffic based keep-alive (CTRATT.TBKAS) every command counts, and one is sent only for a quarter
    /// in which nothing else was answered.
    /// </summary>
    private async Task KeepAliveAsync()
    {
        var trafficBased = (_identity.Attributes & ControllerAttributes.TrafficBasedKeepAlive) != 0;
        using var timer = new PeriodicTimer(Options.KeepAlive / (trafficBased ? 4 : 2), _timeProvider);
        var answered = CountAnswers();
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token).ConfigureAwait(false))
            {
                var now = CountAnswers();
                if (!trafficBased || now == answered)
                {
                    var request = NewRequest(AdminQueue, Entries.Admin(AdminOpcode.KeepAlive), "Keep Alive");
                    request.IsUrgent = true;
                    request.Deadline = _timeProvider.GetTimestamp() + (long)(Options.KeepAlive.TotalSeconds * _timeProvider.TimestampFrequency);
                    await Start(request, AdminQueue, CancellationToken.None).ConfigureAwait(false);
                    now = CountAnswers();
                }

                answered = now;
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
        catch (Exception e) when (e is IOException or TimeoutException or InvalidOperationException)
        {
            if (_stopping.IsCancellationRequested)
            {
                return;
            }

            LogKeepAliveFailed(e);
            CloseAll(TeardownCause.KeepAliveExpired, e);
        }
    }

    private long CountAnswers()
    {
        var count = AdminQueue.Completed;
        foreach (var queue in _ioQueues)
        {
            count += queue.Completed;
        }

        return count;
    }

    private void StartDeadlines()
    {
        var shortest = new[] { Options.CommandTimeout, Options.AdminTimeout, Options.AbortTimeout }.Min();
        var period = TimeSpan.FromMilliseconds(Math.Clamp(shortest.TotalMilliseconds / 4, 5, 1000));
        _deadlines = _timeProvider.CreateTimer(static state => ((NvmeController)state!).ScanQueues(), this, period, period);
    }

    private void ScanQueues()
    {
        NvmeQueue[] queues;
        lock (_gate)
        {
            queues = _snapshot;
        }

        foreach (var queue in queues)
        {
            if (queue.HasRequests)
            {
                queue.RequestScan();
            }
        }
    }
}
