using Nvmf.Abstractions.Lifecycle;
using Nvmf.EventLoop;
using Nvmf.Transport.Rdma.Adapter;

namespace Nvmf.Transport.Rdma.Connections;

/// <content>
/// What a batch of the loop wants to send goes to the adapter in one call: chains of several operations, one behind the other. Until then it is counted as if it
/// were posted, so a teardown in between waits for it, or ends it.
/// </content>
internal sealed partial class RdmaConnection : IFlushable
{
    // One chain has at least one request, so there are never more operations.
    private readonly SendOperation[] _batchOperations = new SendOperation[SendWorkRequest.MaxChain];
    private readonly SendWorkRequest[] _batch = new SendWorkRequest[SendWorkRequest.MaxChain];
    private int _batchOperationCount;
    private int _batchCount;
    private bool _flushRequested;
    private SendOperation? _cutOff;

    /// <summary>
    /// Sends whose completions will come. Not those of an operation that lost its end, and with it the signal: what succeeds of them is never reported, and only the
    /// fence proves it done.
    /// </summary>
    private int SendsAwaited => _sendsOutstanding - (_cutOff?.Outstanding ?? 0);

    /// <summary>Hands over what has been appended.</summary>
    public void Flush()
    {
        if (_batchCount == 0)
        {
            return;
        }

        int result = 0, posted = 0;
        if (CanPost)
        {
            result = _queuePair!.PostSend(_batch.AsSpan(0, _batchCount), out posted);
            _loop.Counters.SendPosts++;
            _loop.Counters.SendWorkRequests += posted;
        }

        if (posted == _batchCount)
        {
            _batchCount = _batchOperationCount = 0;
            return;
        }

        if (result < 0)
        {
            Lifecycle.BeginTeardown(TeardownCause.InternalError, ErrorText.Exception("ibv_post_send", result));
        }

        EndRefused(posted);
    }

    void IFlushable.FlushBatch()
    {
        _flushRequested = false;
        Flush();

        // Here and not where something was refused: that may be in the middle of a step of the drain.
        AdvanceDrain();
    }

    private void Append(SendOperation operation, ReadOnlySpan<SendWorkRequest> chain)
    {
        if (_batchCount + chain.Length > _batch.Length)
        {
            Flush();
        }

        chain.CopyTo(_batch.AsSpan(_batchCount));
        _batchCount += chain.Length;
        _batchOperations[_batchOperationCount++] = operation;
        if (!_flushRequested)
        {
            _flushRequested = true;
            _loop.Thread.RequestFlush(this);
        }
    }

    /// <summary>
    /// The adapter has the first <paramref name="posted"/> requests of the batch, and none of the others. An operation between the two keeps its data until the fence.
    /// </summary>
    private void EndRefused(int posted)
    {
        // A copy, because whoever hears of an end may append.
        SendOperation[] operations = _batchOperations[.._batchOperationCount];
        _batchCount = _batchOperationCount = 0;
        int refusedTotal = 0;
        foreach (SendOperation operation in operations)
        {
            int taken = Math.Min(posted, operation.Posted), refused = operation.Posted - taken;
            posted -= taken;
            if (refused == 0)
            {
                continue;
            }

            refusedTotal += refused;
            _sendsOutstanding -= refused;
            _readsOutstanding -= operation.IsRead ? refused : 0;
            operation.Truncate(taken);
            if (taken == 0)
            {
                EndOperation(operation);
            }
            else
            {
                _cutOff = operation;
            }
        }

        Lifecycle.Release(ReferenceKind.Transmission, refusedTotal);
    }
}
