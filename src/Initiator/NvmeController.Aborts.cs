using Nvmf.Abstractions.Lifecycle;
using Nvmf.Initiator.Internal;

namespace Nvmf.Initiator;

public sealed partial class NvmeController
{
    private int _aborts;

    // Connect of the admin queue was accepted, and both sides have proven themselves who had to.
    private bool _admitted;

    /// <summary>Sends an Abort if ACL, and the slots reserved for it, allow one more. Any thread.</summary>
    private bool TryAbort(ushort queueId, ushort commandId)
    {
        if (!Volatile.Read(ref _admitted))
        {
            // Connect itself, or authentication: until then there is no other command, and no association to spare.
            CloseAll(TeardownCause.LocalClose, null);
            return true;
        }

        if (Interlocked.Increment(ref _aborts) > Math.Min(_identity.AbortCommandLimit + 1, QueueServices.MaxAborts))
        {
            // The next scan tries again.
            Interlocked.Decrement(ref _aborts);
            return false;
        }

        _ = SendAbortAsync(queueId, commandId);
        return true;
    }

    private async Task SendAbortAsync(ushort queueId, ushort commandId)
    {
        LogAbort(queueId, commandId);
        try
        {
            var request = NewRequest(AdminQueue, Entries.Abort(queueId, commandId), "Abort");
            request.IsUrgent = true;
            // Whoever does not even answer this is gone, and a cancelled command must not wait for him until its own deadline.
            request.Deadline = _timeProvider.GetTimestamp() + (long)(Options.AbortTimeout.TotalSeconds * _timeProvider.TimestampFrequency);
            await Start(request, AdminQueue, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or TimeoutException or InvalidOperationException)
        {
            // The command's own deadline is the next stage; an Abort that failed needs no other.
            LogAbortFailed(e, queueId, commandId);
        }
        finally
        {
            Interlocked.Decrement(ref _aborts);
        }
    }
}
