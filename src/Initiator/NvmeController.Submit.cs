using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Initiator.Internal;

namespace Nvmf.Initiator;

public sealed partial class NvmeController
{
    /// <summary>Sends any command on the admin queue. See <see cref="SubmitAsync(NvmeQueue, in SubmissionQueueEntry, BufferLease, DataDirection?, CancellationToken)"/>.</summary>
    public ValueTask<CompletionQueueEntry> SubmitAdminAsync(
        in SubmissionQueueEntry entry, BufferLease data = default, DataDirection? direction = null, CancellationToken cancellationToken = default) =>
        SubmitAsync(AdminQueue, entry, data, direction, cancellationToken);

    /// <summary>Sends any command on the next I/O queue. See <see cref="SubmitAsync(NvmeQueue, in SubmissionQueueEntry, BufferLease, DataDirection?, CancellationToken)"/>.</summary>
    public ValueTask<CompletionQueueEntry> SubmitIoAsync(
        in SubmissionQueueEntry entry, BufferLease data = default, DataDirection? direction = null, CancellationToken cancellationToken = default) =>
        SubmitAsync(NextIoQueue(), entry, data, direction, cancellationToken);

    /// <summary>Sends any command. The entry goes out as it is, except for CID, PSDT and SGL, which the transport sets.</summary>
    /// <param name="queue">A queue of this controller.</param>
    /// <param name="entry">The entry.</param>
    /// <param name="data">Data to send or room for data to receive. A reference of its own is held until the task ends; the caller keeps its own.</param>
    /// <param name="direction">Which way the data moves. Default: what the opcode says.</param>
    /// <param name="cancellationToken">Aborts the command.</param>
    /// <returns>The completion; an error status does not throw.</returns>
    public ValueTask<CompletionQueueEntry> SubmitAsync(
        NvmeQueue queue,
        in SubmissionQueueEntry entry,
        BufferLease data = default,
        DataDirection? direction = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(queue);
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<CompletionQueueEntry>(cancellationToken);
        }

        var request = NewRequest(queue, entry, "Command");
        request.ThrowsOnErrorStatus = false;
        request.UseLease(data, direction ?? entry.GetDataDirection());
        return Start(request, queue, cancellationToken);
    }

    private ValueTask<CompletionQueueEntry> SubmitAsync(
        NvmeQueue queue, in SubmissionQueueEntry entry, string name, ReadOnlyMemory<byte> source, CancellationToken cancellationToken)
    {
        var request = NewRequest(queue, entry, name);
        request.ThrowsOnErrorStatus = false;
        request.UseSource(source);
        return Start(request, queue, cancellationToken);
    }

    internal NvmeRequest NewRequest(NvmeQueue queue, in SubmissionQueueEntry entry, string name)
    {
        var request = _services.Requests.Rent();
        request.Entry = entry;
        request.Name = name;
        request.ThrowsOnErrorStatus = true;
        var timeout = queue.Id == 0 || entry.IsFabrics() ? Options.AdminTimeout : Options.CommandTimeout;
        request.Deadline = _timeProvider.GetTimestamp() + (long)(timeout.TotalSeconds * _timeProvider.TimestampFrequency);
        return request;
    }

    internal static ValueTask<CompletionQueueEntry> Start(NvmeRequest request, NvmeQueue queue, CancellationToken cancellationToken)
    {
        // Made first: the request may be finished, but not reused, before Start returns.
        var task = request.ResultTask;
        request.Start(queue, cancellationToken);
        return task;
    }

    internal static ValueTask StartWithoutResult(NvmeRequest request, NvmeQueue queue, CancellationToken cancellationToken)
    {
        var task = request.Task;
        request.Start(queue, cancellationToken);
        return task;
    }

    private ValueTask<CompletionQueueEntry> SendAsync(string name, in SubmissionQueueEntry entry, CancellationToken cancellationToken)
    {
        var request = NewRequest(AdminQueue, entry, name);
        return Start(request, AdminQueue, cancellationToken);
    }

    private ValueTask<CompletionQueueEntry> SendAsync(
        string name, in SubmissionQueueEntry entry, ReadOnlyMemory<byte> source, CancellationToken cancellationToken)
    {
        var request = NewRequest(AdminQueue, entry, name);
        request.UseSource(source);
        return Start(request, AdminQueue, cancellationToken);
    }

    private ValueTask<CompletionQueueEntry> FetchAsync(
        string name, in SubmissionQueueEntry entry, Memory<byte> destination, CancellationToken cancellationToken)
    {
        var request = NewRequest(AdminQueue, entry, name);
        request.UseDestination(destination);
        return Start(request, AdminQueue, cancellationToken);
    }
}
