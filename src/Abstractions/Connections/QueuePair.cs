using System.Net;
using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Abstractions.Connections;

/// <summary>
/// The controller's side of one queue pair: what a target sees of a transport. Commands come in, data moves, a completion goes
/// out. A new transport implements this class and <see cref="QueuePairCommand"/>, and nothing else changes.
/// </summary>
/// <remarks>
/// A queue pair lives on one event loop. Unless a member says otherwise it must be called there; <see cref="Post"/> gets there.
/// </remarks>
public abstract class QueuePair
{
    /// <summary>Connection identifier for logs; unique in the process.</summary>
    public abstract string Id { get; }

    /// <summary>The transport.</summary>
    public abstract NvmeTransportType TransportType { get; }

    /// <summary>Local address. Any thread.</summary>
    public abstract EndPoint? LocalEndPoint { get; }

    /// <summary>The host's address. Any thread.</summary>
    public abstract EndPoint? RemoteEndPoint { get; }

    /// <summary>The life of this queue pair. Any thread.</summary>
    public abstract QueuePairLifecycle Lifecycle { get; }

    /// <summary>Limits of this transport that the target reports to the host. Any thread.</summary>
    public abstract QueuePairCapabilities Capabilities { get; }

    /// <summary>Starts the exchange. The handler is called on the queue pair's loop from then on. Any thread, once.</summary>
    public abstract void Start(IQueuePairHandler handler);

    /// <summary>
    /// A Connect command was accepted: sizes the queue. The transport's own Connect deadline ends here.
    /// </summary>
    /// <param name="parameters">Queue identifier and depth as accepted.</param>
    public abstract void OnConnected(in QueuePairParameters parameters);

    /// <summary>True on the queue pair's loop. Any thread.</summary>
    public abstract bool IsOnLoop { get; }

    /// <summary>
    /// Runs <paramref name="item"/> on the loop. Any thread. The caller holds a reference of the lifecycle (usually a command)
    /// until the item has run.
    /// </summary>
    public abstract void Post(IThreadPoolWorkItem item);

    /// <summary>Begins the teardown. Any thread, any number of times; the first cause is reported.</summary>
    public void Close(TeardownCause cause, Exception? error = null) => Lifecycle.BeginTeardown(cause, error);
}
