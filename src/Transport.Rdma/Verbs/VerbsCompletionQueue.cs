using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Nvmf.Transport.Rdma.Adapter;

namespace Nvmf.Transport.Rdma.Verbs;

/// <summary>A completion queue of libibverbs with a channel of its own.</summary>
internal sealed class VerbsCompletionQueue(RdmaSharp.CompletionQueue queue, RdmaSharp.CompletionChannel channel) : AdapterCompletionQueue
{
    private const int Batch = 32;

    public RdmaSharp.CompletionQueue Native => queue;

    /// <exception cref="RdmaSharp.RdmaException">The device has no more, or not so large ones.</exception>
    public static VerbsCompletionQueue Create(RdmaSharp.RdmaContext context, int entries)
    {
        var channel = new RdmaSharp.CompletionChannel(context);
        try
        {
            return new VerbsCompletionQueue(new RdmaSharp.CompletionQueue(context, entries, channel), channel);
        }
        catch
        {
            channel.Dispose();
            throw;
        }
    }

    public override SafeHandle Descriptor { get; } = new SafeFileHandle(channel.Descriptor, ownsHandle: false);

    [SkipLocalsInit]
    public override int Poll(Span<WorkCompletion> completions)
    {
        Span<RdmaSharp.WorkCompletion> natives = stackalloc RdmaSharp.WorkCompletion[Batch];
        int count = queue.TryPoll(natives[..Math.Min(completions.Length, Batch)]);
        for (int i = 0; i < count; i++)
        {
            ref readonly RdmaSharp.WorkCompletion native = ref natives[i];
            completions[i] = new WorkCompletion
            {
                Id = native.Id,
                Status = (WorkCompletionStatus)native.Status,
                VendorError = native.VendorError,
                Length = native.Length,
                QueuePairNumber = native.QueuePairNumber,
                Flags = (WorkCompletionFlags)native.Flags & (WorkCompletionFlags.WithImmediate | WorkCompletionFlags.WithInvalidate),
            };
        }

        return count;
    }

    public override int RequestNotification() => -queue.TryRequestNotification();

    public override int TryGetEvent()
    {
        try
        {
            return channel.TryGetEvent(out _) ? 0 : -RdmaSharp.Errno.EAGAIN;
        }
        catch (RdmaSharp.RdmaException exception)
        {
            return -exception.ErrorNumber;
        }
    }

    public override void AcknowledgeEvents(int count) => queue.AcknowledgeEvents(count);

    public override int Destroy()
    {
        int result = VerbsResult.Destroy(queue);
        int channelResult = VerbsResult.Destroy(channel);
        return result < 0 ? result : channelResult;
    }
}
