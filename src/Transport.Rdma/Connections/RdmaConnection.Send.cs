using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Transport.Rdma.Adapter;

namespace Nvmf.Transport.Rdma.Connections;

/// <content>The send queue.</content>
internal sealed partial class RdmaConnection
{
    private SendOperations? _operations;
    private int _sendsOutstanding;
    private int _readsOutstanding;
    private int _retiredSends;
    private int _retiredReceives;
    private bool _inBatch;

    /// <summary>RDMA reads that may be under way: what both ends agreed to.</summary>
    public int ReadDepth { get; set; }

    public int ReadsOutstanding => _readsOutstanding;

    /// <summary>There is room for a chain of <paramref name="workRequests"/>; otherwise it has to wait for completions.</summary>
    public bool HasRoom(int workRequests) => _operations!.HasFree && _sendsOutstanding + workRequests <= _shape.SendDepth;

    /// <summary>Begins an operation; <see cref="Post"/> must follow. Takes over the caller's reference to <paramref name="data"/>.</summary>
    public SendOperation Begin(int workRequests, bool isRead, BufferLease data, object? context, int contextGeneration)
    {
        SendOperation operation = _operations!.Rent();
        operation.Begin(workRequests, isRead, data, context, contextGeneration);
        return operation;
    }

    public Span<byte> Header(SendOperation operation) => _operations!.Header(operation);

    public WorkRequestElement HeaderElement(SendOperation operation) => _operations!.HeaderElement(operation);

    public ulong RequestId(SendOperation operation, int place) =>
        new WorkRequestId(_handle, WorkRequestKind.Send, operation.Slot, operation.Generation, place).Value;

    /// <summary>
    /// Appends the chain of an operation, whose last request must be signalled, to what is posted at the end of the loop's batch. A refusal ends the operation,
    /// and with it the connection; the owner hears of it as of any operation.
    /// </summary>
    public void Post(SendOperation operation, ReadOnlySpan<SendWorkRequest> chain)
    {
        // Counted from here on: no stage of the teardown overtakes what waits for the end of the batch.
        if (!CanPost || !Lifecycle.TryAcquire(ReferenceKind.Transmission, chain.Length))
        {
            operation.Truncate(0);
            EndOperation(operation);
            return;
        }

        _sendsOutstanding += chain.Length;
        _readsOutstanding += operation.IsRead ? chain.Length : 0;
        Append(operation, chain);
    }

    public void OnSendCompletion(WorkRequestId id, in WorkCompletion completion)
    {
        SendOperation? operation = _operations?.Find(id.Slot, id.SlotGeneration);
        int retired = operation is not null && id.Place < operation.Posted ? operation.Retire(id.Place) : 0;
        if (retired == 0)
        {
            _loop.Counters.LateCompletions++;
            return;
        }

        _sendsOutstanding -= retired;
        _readsOutstanding -= operation!.IsRead ? retired : 0;
        _retiredSends += retired;
        if (completion.Status != WorkCompletionStatus.Success)
        {
            operation.Failed = true;
            OnBroken(in completion);
        }

        if (operation.Outstanding == 0)
        {
            EndOperation(operation);
        }
    }

    /// <summary>Called once per batch in which something of this connection completed.</summary>
    /// <returns>True the first time.</returns>
    public bool EnterBatch()
    {
        bool first = !_inBatch;
        _inBatch = true;
        return first;
    }

    public void EndBatch()
    {
        _inBatch = false;
        if (_fenced)
        {
            return;
        }

        try
        {
            RetryReceives();
            _owner.OnBatchEnd();
        }
        catch (Exception exception)
        {
            OnFailure(exception);
        }

        int sends = _retiredSends, receives = _retiredReceives;
        _retiredSends = _retiredReceives = 0;

        // The connection's own transmission keeps it through all of this.
        if (sends > 0)
        {
            Lifecycle.Release(ReferenceKind.Transmission, sends);
        }

        if (receives > 0)
        {
            Lifecycle.Release(ReferenceKind.PostedReceive, receives);
        }

        AdvanceDrain();
    }

    private void EndOperation(SendOperation operation)
    {
        if (_quiesced)
        {
            Lifecycle.AddProven(operation.Data.Length);
        }

        try
        {
            _owner.OnOperationEnded(operation);
        }
        catch (Exception exception)
        {
            OnFailure(exception);
        }

        _cutOff = _cutOff == operation ? null : _cutOff;
        operation.End();
        _operations!.Return(operation);
    }

    private void OnBroken(in WorkCompletion completion)
    {
        if (_peerGone || _postingEnded)
        {
            return;
        }

        // A flush alone is how an orderly end shows over iWARP, ahead of its event; what breaks a queue pair completes with another status first.
        LosePeer(
            completion.Status == WorkCompletionStatus.Flushed ? TeardownCause.HostClosed : TeardownCause.ConnectionReset,
            new IOException($"A work request failed with status {completion.Status} (vendor error {completion.VendorError:X}h)."));
    }
}
