using System.Collections.Concurrent;
using System.Net;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Initiator.Tests.Fakes;

/// <summary>A queue pair whose loop runs only in <see cref="Run"/>, and whose controller is the test: it answers and releases when it likes.</summary>
internal sealed class ManualQueuePair : HostQueuePair, IQueuePairStages
{
    private readonly ConcurrentQueue<IThreadPoolWorkItem> _mailbox = new();
    private readonly int _size;
    private ushort _nextId;
    private bool _running;

    public ManualQueuePair(int size, TimeProvider? timeProvider = null)
    {
        _size = size;
        Lifecycle = new QueuePairLifecycle("manual", this, DrainDeadlines.Default, timeProvider);
        Assert.True(Lifecycle.TryGoLive());
    }

    public override string Id => "manual";

    public override NvmeTransportType TransportType => NvmeTransportType.IntraHost;

    public override EndPoint? RemoteEndPoint { get; } = new DnsEndPoint("test", 1);

    public override QueuePairLifecycle Lifecycle { get; }

    public override int InCapsuleDataSize { get; set; }

    public override bool IsOnLoop => _running;

    /// <summary>Submitted and not answered, in order.</summary>
    public List<HostCommand> Submitted { get; } = [];

    /// <summary>Answered and not released.</summary>
    public List<HostCommand> Unreleased { get; } = [];

    public int Flushes { get; private set; }

    /// <summary>Thrown by the next <see cref="TrySubmit"/>: a lease that the transport cannot send.</summary>
    public Exception? NextRefusal { get; set; }

    public override bool TrySubmit(HostCommand command)
    {
        Assert.True(_running);
        if (NextRefusal is { } refusal)
        {
            NextRefusal = null;
            throw refusal;
        }

        if (!Lifecycle.TryAcquire(ReferenceKind.Command))
        {
            return false;
        }

        Assert.True(Submitted.Count + Unreleased.Count < _size, "More commands than the queue has slots.");
        command.Entry.CommandId = _nextId++;
        Submitted.Add(command);
        return true;
    }

    /// <summary>From here on the caller's thread is the loop.</summary>
    public void BeginLoop() => _running = true;

    public void EndLoop() => _running = false;

    public override void Flush() => Flushes++;

    public override void Post(IThreadPoolWorkItem item) => _mailbox.Enqueue(item);

    /// <summary>Runs what was posted.</summary>
    public void Run()
    {
        while (_mailbox.TryDequeue(out var item))
        {
            OnLoop(item.Execute);
        }
    }

    public void Answer(HostCommand command, NvmeStatus status = default, uint dword0 = 0)
    {
        OnLoop(() =>
        {
            Assert.True(Submitted.Remove(command));
            Unreleased.Add(command);
            command.OnCompleted(new CompletionQueueEntry { Status = status, Dword0 = dword0, CommandId = command.Entry.CommandId }, null);
        });
    }

    public void Release(HostCommand command)
    {
        OnLoop(() =>
        {
            Assert.True(Unreleased.Remove(command));
            command.OnReleased();
            Lifecycle.Release(ReferenceKind.Command);
        });
    }

    /// <summary>The last deadline of the drain has passed without proof.</summary>
    public void Quarantine(HostCommand command)
    {
        OnLoop(() =>
        {
            Assert.True(Unreleased.Remove(command));
            command.OnQuarantined();
            Lifecycle.Release(ReferenceKind.Command);
        });
    }

    /// <summary>Answers and releases.</summary>
    public void Finish(HostCommand command, NvmeStatus status = default, uint dword0 = 0)
    {
        Answer(command, status, dword0);
        Release(command);
    }

    public void OnQuiescing(TeardownCause cause) => Post(new Fail(this));

    public void OnDraining()
    {
    }

    public void OnAborting()
    {
    }

    public void OnAbandoned()
    {
    }

    public void OnDestroy()
    {
    }

    private void OnLoop(Action action)
    {
        var outer = _running;
        _running = true;
        try
        {
            action();
        }
        finally
        {
            _running = outer;
        }
    }

    private sealed class Fail(ManualQueuePair pair) : IThreadPoolWorkItem
    {
        public void Execute()
        {
            foreach (var command in pair.Submitted.ToArray())
            {
                pair.Submitted.Remove(command);
                pair.Unreleased.Add(command);
                command.OnCompleted(default, new IOException("The test cut the wire."));
            }
        }
    }
}
