using System.Net;
using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Abstractions.Connections;

/// <summary>The host's side of one queue pair: what an initiator sees of a transport.</summary>
/// <remarks>Lives on one event loop; unless a member says otherwise it must be called there.</remarks>
public abstract class HostQueuePair
{
    /// <summary>Connection identifier for logs; unique in the process.</summary>
    public abstract string Id { get; }

    /// <summary>The transport.</summary>
    public abstract NvmeTransportType TransportType { get; }

    /// <summary>The controller's address. Any thread.</summary>
    public abstract EndPoint? RemoteEndPoint { get; }

    /// <summary>The life of this queue pair. Any thread.</summary>
    public abstract QueuePairLifecycle Lifecycle { get; }

    /// <summary>
    /// Sends a command. The transport sets the CID of the entry and fills in its SGL. At most the queue size given at connect may be outstanding.
    /// </summary>
    /// <returns>False when the queue pair is not live; the command was not touched.</returns>
    public abstract bool TrySubmit(HostCommand command);

    /// <summary>
    /// Sends what <see cref="TrySubmit"/> queued. Called by the loop itself at the end of a batch; needed only after a submission
    /// from outside of one.
    /// </summary>
    public abstract void Flush();

    /// <summary>Largest in-capsule data in bytes for writes; raise it after Identify Controller gave IOCCSZ. Admin queues: 8 KiB on TCP.</summary>
    public abstract int InCapsuleDataSize { get; set; }

    /// <summary>True on the queue pair's loop. Any thread.</summary>
    public abstract bool IsOnLoop { get; }

    /// <summary>Runs <paramref name="item"/> on the loop. Any thread. The caller holds a reference of the lifecycle until the item has run.</summary>
    public abstract void Post(IThreadPoolWorkItem item);

    /// <summary>Begins the teardown. Any thread, any number of times.</summary>
    public void Close(TeardownCause cause, Exception? error = null) => Lifecycle.BeginTeardown(cause, error);
}
