using System.Security.Cryptography;
using Nvmf.Abstractions.Authentication;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Target.Controllers;
using Nvmf.Target.Diagnostics;
using Nvmf.Target.Queues;

namespace Nvmf.Target.Authentication;

/// <summary>
/// Authentication on one queue: the first one, until which nothing else is executed, and later ones of a live queue. One at a time, with a deadline. Lives on the queue pair's loop, but for
/// the deadline.
/// </summary>
internal sealed class QueueAuthentication : IDisposable
{
    private readonly TargetQueue _queue;
    private readonly Subsystem _subsystem;
    private DhChapExchange? _exchange;
    private KeyExchangeJob? _job;
    private bool _authenticated;

    // Of the Connect, or of the exchange on a live queue; 0 while none is under way. Read by the target's timer.
    private long _startedAt;

    /// <param name="queue">The queue.</param>
    /// <param name="subsystem">Its subsystem.</param>
    /// <param name="required">Connect said so: the queue serves nothing yet.</param>
    public QueueAuthentication(TargetQueue queue, Subsystem subsystem, bool required)
    {
        _queue = queue;
        _subsystem = subsystem;
        _authenticated = !required;
        if (required)
        {
            StartClock();
        }
    }

    private NvmeTarget Target => _queue.Target;

    private Controller Controller => _queue.ConnectedController;

    /// <summary>Authentication Send, whose message is there.</summary>
    public void OnSend(CommandSlot slot)
    {
        ReadOnlySpan<byte> message = slot.HostData.Span;
        if (_job != null)
        {
            slot.Reject(NvmeStatus.CommandSequenceError);
            return;
        }

        if (_exchange == null)
        {
            _exchange = new DhChapExchange(Controller.HostNqn, Controller.SubsystemNqn, _subsystem.AuthenticationPolicy);
            if (_startedAt == 0)
            {
                StartClock();
            }

            if (_exchange.OnNegotiate(message, _subsystem.DeriveKeys(Controller.HostNqn)))
            {
                Compute(slot, FiniteFieldGroup.Get(_exchange.Group), null);
                return;
            }
        }
        else if (_exchange.OnMessage(message, out byte[]? publicValue))
        {
            Compute(slot, FiniteFieldGroup.Get(_exchange.Group), publicValue);
            return;
        }

        Finish(slot);
    }

    /// <summary>The power is there, or the queue is ending.</summary>
    public void OnComputed(CommandSlot slot)
    {
        KeyExchangeJob job = _job!;
        _job = null;
        if (_queue.IsQuiescing || job.Exchange == null)
        {
            job.Abandon();
            slot.Drop();
            return;
        }

        if (job.SessionKey is { } key)
        {
            _exchange!.OnSessionKey(key);
            CryptographicOperations.ZeroMemory(key);
        }
        else if (job.IsOfReply)
        {
            _exchange!.OnSessionKey([]);
        }
        else
        {
            _exchange!.OnExchangeMade(job.Exchange);
        }

        Finish(slot);
    }

    /// <summary>Authentication Receive with a zeroed buffer of <paramref name="length"/> bytes.</summary>
    public void OnReceive(CommandSlot slot, int length)
    {
        // Nothing is under way on a queue that is authenticated, or a power is being computed: the host is too early, and no stranger.
        if (_job != null || (_exchange == null && _authenticated))
        {
            slot.Reject(NvmeStatus.CommandSequenceError);
            return;
        }

        _exchange ??= new DhChapExchange(Controller.HostNqn, Controller.SubsystemNqn, _subsystem.AuthenticationPolicy);
        if (length < Math.Max(_exchange.NextLength, DhChapMessage.Size))
        {
            slot.Reject(NvmeStatus.InvalidField);
            return;
        }

        _exchange.WriteNext(slot.Buffer.Span);

        // Before the completion: the host may send the next command as soon as it has it.
        Review();
        slot.SucceedWithBuffer();
        EndIfFailed();
    }

    /// <summary>Ends the queue pair of a host that takes too long. Called by the target's timer, on its thread.</summary>
    public void ReviewDeadline(long now)
    {
        long since = Volatile.Read(ref _startedAt);
        if (since != 0 && Target.Time.GetElapsedTime(since, now) > Target.Options.AuthenticationTimeout)
        {
            _queue.TryPostEvent(new Overdue(this, since));
        }
    }

    /// <summary>The queue is ending: nothing more is computed for it.</summary>
    public void OnQuiescing() => _job?.Abandon();

    /// <summary>The queue pair is gone: overwrites what is secret.</summary>
    public void Dispose()
    {
        _job?.Abandon();
        _exchange?.Dispose();
        _exchange = null;
        Volatile.Write(ref _startedAt, 0);
    }

    private void Compute(CommandSlot slot, FiniteFieldGroup group, byte[]? publicValue)
    {
        _job = new KeyExchangeJob(slot, group, _exchange!.Exchange, publicValue);

        // Before the job is given away: it may be done before the call returns.
        slot.WaitForOtherQueue();
        if (Target.KeyExchanges.TryRun(_job))
        {
            return;
        }

        _job = null;
        _queue.RemovePending(slot);
        _exchange.Dispose();
        _exchange = null;
        if (_authenticated)
        {
            Volatile.Write(ref _startedAt, 0);
        }

        TargetLog.AuthenticationPutOff(Target.Logger, Controller.HostNqn, Controller.SubsystemNqn, _queue.QueuePair.Id, _queue.QueueId);
        slot.Fail(NvmeStatus.CommandInterrupted);
    }

    private void Finish(CommandSlot slot)
    {
        Review();
        slot.Succeed();
        EndIfFailed();
    }

    /// <summary>An exchange that is over and did not fail has succeeded.</summary>
    private void Review()
    {
        if (_exchange is not { State: DhChapState.Idle } exchange)
        {
            return;
        }

        Volatile.Write(ref _startedAt, 0);
        TargetLog.Authenticated(
            Target.Logger, Controller.HostNqn, Controller.SubsystemNqn, _queue.QueuePair.Id, _queue.QueueId, exchange.Hash, exchange.Group, exchange.IsMutual);
        exchange.Dispose();
        _exchange = null;
        if (!_authenticated)
        {
            _authenticated = true;
            _queue.BecomeServed();
        }
    }

    private void EndIfFailed()
    {
        if (_exchange is { State: DhChapState.Failed } exchange)
        {
            TargetLog.AuthenticationFailed(Target.Logger, Controller.HostNqn, Controller.SubsystemNqn, _queue.QueuePair.Id, _queue.QueueId, exchange.Reason);
            _queue.QueuePair.Close(TeardownCause.AuthenticationFailed);
        }
    }

    private void EndOverdue(long since)
    {
        // It may have come to an end meanwhile, or be another.
        if (_startedAt == since)
        {
            Volatile.Write(ref _startedAt, 0);
            TargetLog.AuthenticationTimedOut(Target.Logger, Controller.HostNqn, Controller.SubsystemNqn, _queue.QueuePair.Id, _queue.QueueId);
            _queue.QueuePair.Close(TeardownCause.TimedOut);
        }
    }

    private void StartClock() => Volatile.Write(ref _startedAt, Math.Max(1, Target.Time.GetTimestamp()));

    private sealed class Overdue(QueueAuthentication authentication, long since) : IThreadPoolWorkItem
    {
        public void Execute()
        {
            authentication.EndOverdue(since);
            authentication._queue.QueuePair.Lifecycle.Release(ReferenceKind.Event);
        }
    }
}
