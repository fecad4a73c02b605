using System.Diagnostics;
using Nvmf.Abstractions.Buffers;

namespace Nvmf.Bench.Load;

/// <summary>Keeps a number of commands in flight over its part of the namespace. How they are sent, and what keeps the members below from being called at once, is the derived class's.</summary>
internal abstract class LoadWorker(LoadOptions options, Workspace workspace) : IDisposable
{
    private const int MaxReports = 5;

    private static readonly double NanosecondsPerTick = 1e9 / Stopwatch.Frequency;

    private TaskCompletionSource _idle = new();
    private volatile bool _stopping;
    private volatile bool _measuring;
    private LoadPhase _phase;
    private long _done;

    /// <summary>Latencies while measuring. Read it when the worker is idle.</summary>
    public LatencyHistogram Latencies { get; } = new();

    public long Done => Volatile.Read(ref _done);

    public long Mismatches { get; private set; }

    public List<string> Reports { get; } = [];

    public string? Failure { get; private set; }

    public bool Measuring { set => _measuring = value; }

    protected LoadOptions Options => options;

    protected Workspace Workspace => workspace;

    protected bool Stopping => _stopping;

    /// <summary>Runs a phase; ends when no command is out.</summary>
    public Task RunAsync(LoadPhase phase)
    {
        _phase = phase;
        _stopping = false;
        _idle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Begin();
        return _idle.Task;
    }

    public void Stop() => _stopping = true;

    /// <summary>Gives the leases back; commands still out have references of their own.</summary>
    public abstract void Dispose();

    /// <summary>Fills the queue. Any thread.</summary>
    protected abstract void Begin();

    protected static BufferLease Rent(BufferPool pool, int length)
    {
        if (!pool.TryRent(length, BufferPriority.InputOutput, out var lease))
        {
            throw new InvalidOperationException("The buffer pool is too small.");
        }

        lease.Span.Clear();
        return lease;
    }

    protected void End() => _idle.TrySetResult();

    /// <summary>Chooses what a command does next. False when the phase has nothing more to do.</summary>
    protected bool TryChoose(ref LoadWork work)
    {
        switch (_phase)
        {
            case LoadPhase.Fill:
                work.Slot = workspace.WalkSlot();
                work.IsWrite = true;
                break;
            case LoadPhase.Check:
                do
                {
                    work.Slot = workspace.WalkSlot();
                }
                while (work.Slot >= 0 && workspace.GenerationOf(work.Slot) == 0);
                work.IsWrite = false;
                break;
            default:
                work.IsWrite = options.Pattern switch
                {
                    AccessPattern.Mixed => workspace.Random() % 10 >= 7,
                    AccessPattern.RandWrite or AccessPattern.Write => true,
                    _ => false,
                };
                work.Slot = options.Pattern is AccessPattern.Read or AccessPattern.Write ? workspace.NextSlot() : workspace.RandomSlot();
                break;
        }

        return work.Slot >= 0;
    }

    /// <summary>Fills in what a write sends. Only the command's own slot and data are touched.</summary>
    protected void Stamp(in LoadWork work, BufferLease data)
    {
        if (options.Verify && work.IsWrite)
        {
            Load.Stamp.Write(data.Span, workspace.AddressOf(work.Slot), workspace.Advance(work.Slot));
        }
    }

    protected void OnSuccess(in LoadWork work, BufferLease data, long elapsed)
    {
        Volatile.Write(ref _done, _done + 1);
        if (_measuring)
        {
            Latencies.Record((long)(elapsed * NanosecondsPerTick));
        }

        if (!options.Verify || work.IsWrite || workspace.GenerationOf(work.Slot) is not (> 0 and var generation))
        {
            return;
        }

        if (Load.Stamp.Check(data.Span, workspace.AddressOf(work.Slot), generation) is not { } mismatch)
        {
            return;
        }

        Mismatches++;
        if (Reports.Count < MaxReports)
        {
            Reports.Add(mismatch);
        }
    }

    protected void OnFailure(in LoadWork work, string reason) =>
        Fail($"{(work.IsWrite ? "Write" : "Read")} at byte {workspace.AddressOf(work.Slot)} failed: {reason}");

    protected void Fail(string message)
    {
        Failure ??= message;
        _stopping = true;
    }
}
