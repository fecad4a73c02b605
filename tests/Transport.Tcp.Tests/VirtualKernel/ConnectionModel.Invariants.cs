using System.Diagnostics;
using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Transport.Tcp.Tests.VirtualKernel;

/// <summary>What must hold after every step, and at the end.</summary>
internal sealed partial class ConnectionModel
{
    private static readonly TimeSpan Total =
        ConnectionModelHost.Deadlines.Commands + ConnectionModelHost.Deadlines.Transmissions + ConnectionModelHost.Deadlines.Abort;

    private readonly long _quarantinedBefore;
    private InvariantException? _violation;
    private QueuePairState _lastState;
    private long _teardownAt = -1;
    private int _streamChecked;
    private int _receivedChecked;
    private bool _closeChecked;
    private bool _destroyChecked;

    private void Step(Action action)
    {
        action();
        CheckMemory();
        CheckStreams();
        CheckLifecycle();
        if (_violation is not null)
        {
            throw _violation;
        }
    }

    /// <summary>Ends the run: teardown, if there was none, and then time until it is over, which the deadlines bound.</summary>
    public void End(bool isHelpful)
    {
        if (Lifecycle.Cause == TeardownCause.None)
        {
            Step(() => BeginTeardown(TeardownCause.ListenerRemoved));
        }

        CheckLifecycle();
        while (!Lifecycle.Completion.IsCompleted)
        {
            Step(() =>
            {
                if (isHelpful)
                {
                    HelpEverybody();
                }

                DeliverReadiness();
                _host.Loop.RunBatch();
                if (!Lifecycle.Completion.IsCompleted)
                {
                    _host.Clock.Advance(TimeSpan.FromMilliseconds(1));
                }
            });
        }

        AwaitReport();
        CheckEnd();
    }

    private void HelpEverybody()
    {
        while (_commands > 0)
        {
            EndCommand();
        }

        Kernel.Transmit(int.MaxValue);
        Kernel.Acknowledge(int.MaxValue);
        while (Kernel.Free(0))
        {
        }

        while (Kernel.Notify(0, 100, wasCopied: false))
        {
        }

        if (Kernel.PeerSawFin)
        {
            Kernel.PeerSendsFin();
        }
    }

    /// <summary>The report comes by the thread pool: the one thing in a run that is not on this thread.</summary>
    private void AwaitReport()
    {
        long start = Stopwatch.GetTimestamp();
        while (_handler.Report is null)
        {
            if (Stopwatch.GetElapsedTime(start) > TimeSpan.FromSeconds(30))
            {
                throw new InvariantException("I8", "No report after the descriptor was closed.");
            }

            if (_host.Loop.HasWork)
            {
                Step(() => _host.Loop.RunBatch());
            }
            else
            {
                Thread.Yield();
            }
        }
    }

    private void CheckMemory()
    {
        foreach (KernelSend send in Kernel.Sends)
        {
            if (!send.IsFree && send.FindDamage() is not null)
            {
                throw new InvariantException("I1", $"The memory of send {send.Index - Kernel.FirstIndex} was given back while the kernel refers to it ({Lifecycle.State}).");
            }
        }
    }

    /// <summary>I9: each side gets a prefix of what the other sent, whichever way it went.</summary>
    private void CheckStreams()
    {
        CheckPrefix(Kernel.PeerReceived, _appended, ref _streamChecked, "The peer received");
        CheckPrefix(_handler.Received, _peerSent, ref _receivedChecked, "The handler received");
    }

    private static void CheckPrefix(List<byte> actual, List<byte> expected, ref int from, string who)
    {
        if (actual.Count > expected.Count)
        {
            throw new InvariantException("I9", $"{who} {actual.Count - expected.Count} bytes that were never sent.");
        }

        Span<byte> fresh = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(actual)[from..];
        if (!fresh.SequenceEqual(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(expected).Slice(from, fresh.Length)))
        {
            throw new InvariantException("I9", $"{who} other bytes than were sent, from {from} on.");
        }

        from = actual.Count;
    }

    private void CheckLifecycle()
    {
        QueuePairState state = Lifecycle.State;
        if (state < _lastState)
        {
            throw new InvariantException("I3", $"{_lastState} became {state}.");
        }

        _lastState = state;
        long now = _host.Clock.GetTimestamp();
        if (Lifecycle.Cause != TeardownCause.None && _teardownAt < 0)
        {
            _teardownAt = now;
        }

        if (Kernel.Misuse is { } misuse)
        {
            throw new InvariantException("I4", misuse);
        }

        if (_handler.Misuse is { } late)
        {
            throw new InvariantException("I4", late);
        }

        if (_host.Loop.Statistics.Failures != _failures)
        {
            throw new InvariantException("I4", $"A callback threw: {_host.Log.Entries.LastOrDefault().Text}");
        }

        if (Kernel.IsClosed && !_closeChecked)
        {
            CheckClose();
        }

        if (Lifecycle.Completion.IsCompleted && !_destroyChecked)
        {
            CheckDestroy();
        }

        // The lifecycle's timer fires to the millisecond; what it asks for is done by the loop's next batch, and loop time may stand still in a run.
        if (_teardownAt >= 0 && now - _teardownAt > (Total + TimeSpan.FromMilliseconds(10)).Ticks && state != QueuePairState.Closed)
        {
            throw new InvariantException("I8", $"Still {state} {TimeSpan.FromTicks(now - _teardownAt)} after the teardown began: {Lifecycle.References}.");
        }
    }

    /// <summary>I2: the queue pair is destroyed when no command is out, or T1 has passed; its descriptor is closed by then.</summary>
    private void CheckDestroy()
    {
        _destroyChecked = true;
        long elapsed = _host.Clock.GetTimestamp() - _teardownAt;
        if (_commands > 0 && elapsed < ConnectionModelHost.Deadlines.Commands.Ticks)
        {
            throw new InvariantException("I2", "Destroyed with a command out, before T1.");
        }

        if (!Kernel.IsClosed)
        {
            throw new InvariantException("I8", "Destroyed with its descriptor open.");
        }
    }

    /// <summary>I2: the descriptor goes when no transmission is out, or T3 has passed. Commands at a back end do not need it.</summary>
    private void CheckClose()
    {
        _closeChecked = true;
        long elapsed = _host.Clock.GetTimestamp() - _teardownAt;
        if (Kernel.Sends.Exists(send => send.Index is not null && !send.IsReported) && elapsed < ConnectionModelHost.Deadlines.Abort.Ticks)
        {
            throw new InvariantException("I2", "Closed with a send that was not notified, before T3.");
        }

        if (Kernel.Handler is not null)
        {
            throw new InvariantException("I4", "Closed while registered.");
        }
    }

    private void CheckEnd()
    {
        DrainReport report = _handler.Report!;
        long unproven = Kernel.Sends.Where(send => send.Index is not null && !send.IsReported).Sum(send => (long)send.Length);
        if (report.QuarantinedBytes != unproven)
        {
            throw new InvariantException("I8", $"{unproven} bytes were never proven free, {report.QuarantinedBytes} were quarantined.");
        }

        long quarantined = _host.Pool.Statistics.QuarantinedBytes - _quarantinedBefore;
        if (quarantined < unproven || (quarantined > 0) != (unproven > 0))
        {
            throw new InvariantException("I8", $"{unproven} bytes unproven, {quarantined} in the pool's quarantine.");
        }

        if (_host.Pool.Statistics.RentedBlocks != 0)
        {
            throw new InvariantException("I1", $"{_host.Pool.Statistics.RentedBlocks} blocks were never given back.");
        }

        if (_leases.Exists(lease => lease.Told != 1))
        {
            throw new InvariantException("I4", "An owner was never told.");
        }

        if (_host.Clock.ActiveTimers != 0)
        {
            throw new InvariantException("I4", "A timer outlived the connection.");
        }

        if (report.LastStage == QueuePairState.Draining && !Kernel.IsDead && Kernel.PeerReceived.Count != _appended.Count)
        {
            throw new InvariantException("I9", $"Drained, but the peer got {Kernel.PeerReceived.Count} bytes of {_appended.Count}.");
        }

        while (_commands > 0)
        {
            EndCommand();
        }

        _host.NeverFreed.AddRange(Kernel.Sends.Where(send => !send.IsFree));
    }
}
