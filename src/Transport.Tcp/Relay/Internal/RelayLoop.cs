using Nvmf.Abstractions.Buffers;
using Nvmf.EventLoop;
using Nvmf.Transport.Tcp.Internal;

namespace Nvmf.Transport.Tcp.Relay.Internal;

/// <summary>What the relays of one factory share on one loop: pipes, counters, and the queue of those that found neither pipe nor buffer.</summary>
internal sealed class RelayLoop : LoopTimer
{
    private static readonly TimeSpan StarvedDelay = TimeSpan.FromMilliseconds(10);
    private readonly RelayOptions _options;
    private readonly Queue<RelayDirection> _starved = new();
    private readonly List<RelayDirection> _due = [];

    public RelayLoop(RelayOptions options, TcpLoop loop, RelayCounters counters, SplicePipePool pipes) : base(loop.Thread)
    {
        _options = options;
        Thread = loop.Thread;
        Counters = counters;
        Pipes = pipes;
    }

    public EventLoopThread Thread { get; }

    public RelayCounters Counters { get; }

    public SplicePipePool Pipes { get; }

    /// <summary>A pipe; a buffer where there is none; null when there is neither, and then the direction is pumped again later.</summary>
    public RelayChannel? Rent(RelayDirection direction, BufferPool memory)
    {
        if (_options.UseSplice)
        {
            if (Pipes.TryRent() is { } pipe)
            {
                return pipe;
            }

            Counters.PipesRefused++;
        }

        if (memory.TryRent(_options.CopyBufferSize, BufferPriority.InputOutput, out BufferLease buffer))
        {
            return new CopyChannel(buffer);
        }

        Counters.Starved++;
        _starved.Enqueue(direction);
        if (!IsArmed)
        {
            Start(StarvedDelay);
        }

        return null;
    }

    /// <summary>After the last relay.</summary>
    public void Close()
    {
        Stop();
        Pipes.Close();
    }

    public override void OnFailure(Exception exception)
    {
    }

    protected internal override void OnDue()
    {
        // Those that starve again queue up again.
        while (_starved.TryDequeue(out RelayDirection? direction))
        {
            _due.Add(direction);
        }

        foreach (RelayDirection direction in _due)
        {
            direction.OnFed();
        }

        _due.Clear();
    }
}
