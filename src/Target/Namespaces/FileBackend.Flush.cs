using Nvmf.Abstractions.Fabrics;
using Nvmf.EventLoop.Native;

namespace Nvmf.Target.Namespaces;

/// <summary>
/// Flushes, and the memory of a failed one.
/// <code>
///   flush ──► inbox ──► one thread at a time: take all, clear dirty, fdatasync, complete all, look again
/// </code>
/// One fdatasync serves all flushes that came before it began, so a slow disk never has more than one of the threads waiting in it.
/// </summary>
public sealed partial class FileBackend
{
    private readonly FlushWork _flushWork;
    private BackendRequest? _flushInbox;
    private IOException? _syncFailure;
    private bool _flushActive;
    private bool _canWriteDurably = true;

    // Set after every write and before its completion, cleared before a sync: false means that a finished sync covers all completed writes.
    // At first true: somebody may have written before the image was opened.
    private bool _dirty = true;

    /// <summary>
    /// The first failure to make data durable, or null. Written data may be lost; flushes and FUA writes fail from then on until the image is
    /// opened again.
    /// </summary>
    public IOException? SyncFailure => Volatile.Read(ref _syncFailure);

    /// <inheritdoc/>
    public override string? Fault => SyncFailure?.Message;

    private static NvmeStatus SyncFailureStatus => NvmeStatus.WriteFault.WithDoNotRetry();

    private void MarkDirty()
    {
        if (!Volatile.Read(ref _dirty))
        {
            Volatile.Write(ref _dirty, true);
        }
    }

    private bool SubmitFlush(BackendRequest request, out NvmeStatus status)
    {
        // In this order: a flush that cleared the mark is no longer active only when its result is in SyncFailure.
        bool nothingToDo = IsReadOnly || (!Volatile.Read(ref _dirty) && !Volatile.Read(ref _flushActive));
        bool failed = SyncFailure != null;
        status = failed ? SyncFailureStatus : NvmeStatus.Success;
        if (nothingToDo || failed)
        {
            return true;
        }

        EnqueueFlush(request);
        return false;
    }

    private void EnqueueFlush(BackendRequest request)
    {
        BackendRequest? head;
        do
        {
            head = Volatile.Read(ref _flushInbox);
            request.NextInQueue = head;
        }
        while (Interlocked.CompareExchange(ref _flushInbox, request, head) != head);

        if (!Interlocked.Exchange(ref _flushActive, true))
        {
            _workers.Enqueue(_flushWork);
        }
    }

    private void Flush()
    {
        do
        {
            BackendRequest? request = Interlocked.Exchange(ref _flushInbox, null);
            NvmeStatus status = SyncNow();
            while (request != null)
            {
                // Complete gives the request away.
                BackendRequest? next = request.NextInQueue;
                request.NextInQueue = null;
                request.Complete(status);
                request = next;
            }

            Interlocked.Exchange(ref _flushActive, false);
        }
        while (Volatile.Read(ref _flushInbox) != null && !Interlocked.Exchange(ref _flushActive, true));
    }

    /// <summary>One thread at a time: the system reports a lost write to one caller per descriptor, and it must be the flush that it belongs to.</summary>
    private NvmeStatus SyncNow()
    {
        if (SyncFailure != null)
        {
            return SyncFailureStatus;
        }

        if (IsReadOnly || !Interlocked.Exchange(ref _dirty, false))
        {
            return NvmeStatus.Success;
        }

        int result;
        do
        {
            result = _device.Sync();
        }
        while (result == -Errno.EINTR);
        if (result >= 0)
        {
            return NvmeStatus.Success;
        }

        Volatile.Write(ref _syncFailure, new IOException(
            $"Written data of the disk image '{Path}' could not be made durable: {DescribeError(result)}. " +
            "Flushes fail until it is opened again."));
        OnFaulted();
        return SyncFailureStatus;
    }

    /// <summary>Stands for "there are flushes" in the queue of the threads.</summary>
    private sealed class FlushWork : BackendRequest
    {
        public override void Complete(NvmeStatus status) => throw new InvalidOperationException("Not a request.");
    }
}
