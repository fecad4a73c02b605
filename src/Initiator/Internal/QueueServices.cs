using Nvmf.Abstractions.Buffers;

namespace Nvmf.Initiator.Internal;

/// <summary>What the queues of one controller share.</summary>
internal sealed class QueueServices(BufferPool pool, TimeProvider timeProvider, NvmeConnectOptions options)
{
    /// <summary>Abort commands out at a time, whatever more the controller allows.</summary>
    public const int MaxAborts = 4;

    public BufferPool Pool => pool;

    public TimeProvider TimeProvider => timeProvider;

    public TimeSpan AbortTimeout => options.AbortTimeout;

    /// <summary>Slots of the admin queue for urgent commands: each of them finds one.</summary>
    public int ReservedAdminSlots => 1 + MaxAborts + options.AsyncEventRequests;

    public ReusePool<NvmeRequest> Requests { get; } = new(static pool => new NvmeRequest(pool));

    /// <summary>Asks the controller to abort a command; false when too many Aborts are under way. Any thread.</summary>
    public required Func<ushort, ushort, bool> TryAbort { get; init; }

    /// <summary>A command ended with the queue pair instead of with an answer. On that queue's loop.</summary>
    public required Action<NvmeQueue, Exception> OnBroken { get; init; }

    /// <summary>The data of a request is in quarantine and its owner's: its task will not end. On that queue's loop.</summary>
    public required Action<NvmeQueue, NvmeRequest> OnQuarantined { get; init; }
}
