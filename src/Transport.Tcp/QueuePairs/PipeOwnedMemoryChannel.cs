using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Transport.Tcp.QueuePairs;

/// <summary>
/// <see cref="IOwnedMemoryConnectionFeature"/> over the pipe of any connection (TLS, Kestrel's Sockets transport, in memory), copying. Its loop is a
/// <see cref="SerialExecutor"/>.
/// </summary>
/// <remarks>
/// References: one Registration while the pipe is read, one Transmission while bytes wait for it, an Event for each stage on its way to the loop. A
/// lease is released as soon as its bytes are in the pipe, so nothing is ever left to be proven or quarantined.
/// </remarks>
internal sealed partial class PipeOwnedMemoryChannel : IOwnedMemoryConnectionFeature, IQueuePairStages
{
    private readonly ConnectionContext _context;
    private readonly SerialExecutor _executor;
    private readonly Action _readCompleted;
    private readonly Action _flushCompleted;
    private IOwnedMemoryConnectionHandler? _handler;
    private PipeReader? _input;
    private PipeWriter? _output;

    public PipeOwnedMemoryChannel(ConnectionContext context, TimeProvider timeProvider)
        : this(context, DrainDeadlines.Default, timeProvider)
    {
    }

    public PipeOwnedMemoryChannel(ConnectionContext context, DrainDeadlines deadlines, TimeProvider timeProvider)
    {
        _context = context;
        _executor = new SerialExecutor(OnBatchEnd, exception => Lifecycle!.BeginTeardown(TeardownCause.InternalError, exception));
        _readCompleted = () => _executor.Post(OnReadCompleted);
        _flushCompleted = () => _executor.Post(OnFlushCompleted);
        Lifecycle = new QueuePairLifecycle(context.ConnectionId, this, deadlines, timeProvider);
    }

    public QueuePairLifecycle Lifecycle { get; }

    public bool IsOnLoop => _executor.IsCurrent;

    /// <summary>Without those in the pipe: the peer may have the first of them long before their flush is through, and act on them.</summary>
    public long UnsentBytes => _queuedBytes;

    public void Post(IThreadPoolWorkItem item) => _executor.Post(item);

    public void Attach(IOwnedMemoryConnectionHandler handler)
    {
        if (Interlocked.CompareExchange(ref _handler, handler, null) is not null)
        {
            throw new InvalidOperationException("The connection has been taken over already.");
        }

        if (Lifecycle.TryAcquire(ReferenceKind.Registration))
        {
            _executor.Post(StartReading);
        }
    }

    private void OnBatchEnd()
    {
        _handler?.OnBatchEnd();
        Flush();
    }

    void IQueuePairStages.OnQuiescing(TeardownCause cause) => PostStage(() => _handler?.OnQuiescing(cause));

    void IQueuePairStages.OnDraining() => PostStage(() =>
    {
        Flush();
        StopReading();
    });

    void IQueuePairStages.OnAborting()
    {
        _context.Abort(new ConnectionAbortedException("The connection was not drained in time, or broke."));
        PostStage(() =>
        {
            DropQueue();
            _output?.CancelPendingFlush();
            StopReading();
        });
    }

    // Everything was copied: there is nothing to abandon.
    void IQueuePairStages.OnAbandoned()
    {
    }

    // No read and no flush is under way: each holds a reference. Completing the writer sends FIN.
    void IQueuePairStages.OnDestroy()
    {
        (_output ?? _context.Transport.Output).Complete();
        (_input ?? _context.Transport.Input).Complete();
    }

    Task IQueuePairStages.OnDestroyed(DrainReport report)
    {
        if (Volatile.Read(ref _handler) is not { } handler)
        {
            return Task.CompletedTask;
        }

        var told = new TaskCompletionSource();
        _executor.Post(() =>
        {
            try
            {
                handler.OnClosed(report);
            }
            finally
            {
                told.SetResult();
            }
        });
        return told.Task;
    }

    private void PostStage(Action stage)
    {
        if (Lifecycle.TryAcquire(ReferenceKind.Event))
        {
            _executor.Post(() =>
            {
                try
                {
                    stage();
                }
                finally
                {
                    Lifecycle.Release(ReferenceKind.Event);
                }
            });
        }
    }
}
