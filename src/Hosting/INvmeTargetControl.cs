using Nvmf.Abstractions.Lifecycle;
using Nvmf.Target;

namespace Nvmf.Hosting;

/// <summary>
/// Looks at and changes the target of this host while it runs. A service of its own: take it from the services of the host.
/// </summary>
/// <remarks>
/// All members may be called from any thread, from the start of the host to its stop. Refusals
/// are <see cref="NvmeTargetException"/>s whose message is one sentence for a person.
/// </remarks>
public interface INvmeTargetControl
{
    /// <summary>The target itself, for what this interface does not offer. Not to be disposed.</summary>
    NvmeTarget Target { get; }

    /// <summary>The listeners, in the order in which they were added.</summary>
    IReadOnlyList<NvmeListenerInfo> Listeners { get; }

    /// <summary>Binds and begins to accept.</summary>
    /// <param name="address">For example <c>tcp://0.0.0.0:4420</c>.</param>
    /// <param name="cancellationToken">Gives up before the listener accepts.</param>
    /// <exception cref="NvmeTargetException">The address is malformed, busy, not this machine's, or its transport is not supported here.</exception>
    Task<NvmeListenerInfo> AddListenerAsync(string address, CancellationToken cancellationToken = default);

    /// <summary>
    /// Stops accepting, drains the listener's queue pairs and returns when all of them have ended. Queue pairs of other listeners are not touched, nor are those of an
    /// earlier listener at this address that still drain.
    /// </summary>
    /// <param name="address">As it was given, or as it was bound.</param>
    /// <param name="cancellationToken">Ends the wait; the removal goes on.</param>
    /// <returns>One report for each queue pair of the listener; <see cref="DrainTotal.ByCause"/> adds them up.</returns>
    /// <exception cref="NvmeTargetException">There is no such listener.</exception>
    Task<IReadOnlyList<DrainReport>> RemoveListenerAsync(string address, CancellationToken cancellationToken = default);

    /// <summary>
    /// As <see cref="RemoveListenerAsync(string, CancellationToken)"/>, but hosts hear of it first and have time to leave. At once the listener is out of the discovery log
    /// (discovery controllers are told), new Connects are refused without Do Not Retry, and hosts with several paths are told to prefer others (ANA non-optimized). Connected queue pairs
    /// go on with their commands until they leave or <paramref name="grace"/> is over; then what is left is drained. A removal without grace, or the stop of the host, cuts the time short.
    /// </summary>
    /// <param name="address">As it was given, or as it was bound.</param>
    /// <param name="grace">How long hosts have, up to 1 h. The removal is over sooner when they have all left.</param>
    /// <param name="cancellationToken">Ends the wait; the removal goes on.</param>
    /// <returns>One report for each queue pair that was there at the beginning or came since; <see cref="DrainTotal.ByCause"/> adds them up.</returns>
    /// <exception cref="NvmeTargetException">There is no such listener, or the time is out of range.</exception>
    Task<IReadOnlyList<DrainReport>> RemoveListenerAsync(string address, TimeSpan grace, CancellationToken cancellationToken = default);

    /// <summary>Queue pairs at this moment, those being torn down included.</summary>
    IReadOnlyList<QueuePairInfo> QueuePairs { get; }

    /// <summary>Controllers (associations of hosts) at this moment.</summary>
    IReadOnlyList<ControllerInfo> Controllers { get; }

    /// <summary>Subsystems at this moment, without discovery.</summary>
    IReadOnlyList<NvmeSubsystemInfo> Subsystems { get; }

    /// <summary>Adds a subsystem with its namespaces and hosts; all or nothing.</summary>
    /// <exception cref="NvmeTargetException">The options are wrong, the name is taken, or a disk cannot be opened.</exception>
    Task AddSubsystemAsync(NvmeSubsystemOptions options, CancellationToken cancellationToken = default);

    /// <summary>Ends every association with the subsystem and closes its namespaces.</summary>
    /// <returns>One report for each queue pair that the removal ended.</returns>
    /// <exception cref="NvmeTargetException">There is no such subsystem.</exception>
    Task<IReadOnlyList<DrainReport>> RemoveSubsystemAsync(string nqn, CancellationToken cancellationToken = default);

    /// <summary>Adds a namespace; hosts that asked for it are told by an asynchronous event.</summary>
    /// <returns>The namespace identifier.</returns>
    /// <exception cref="NvmeTargetException">There is no such subsystem, the identifier is taken, or the disk cannot be opened.</exception>
    Task<uint> AddNamespaceAsync(string nqn, NvmeNamespaceOptions options, CancellationToken cancellationToken = default);

    /// <summary>Removes a namespace and closes its back end once its commands are done.</summary>
    /// <exception cref="NvmeTargetException">There is no such subsystem or namespace.</exception>
    Task RemoveNamespaceAsync(string nqn, uint nsid, CancellationToken cancellationToken = default);

    /// <summary>Changes the size of a namespace; hosts that asked for it are told by an asynchronous event.</summary>
    /// <param name="nqn">The subsystem.</param>
    /// <param name="nsid">The namespace.</param>
    /// <param name="sizeInBytes">New size, a multiple of the block size.</param>
    /// <param name="cancellationToken">Gives up before the change.</param>
    /// <exception cref="NvmeTargetException">There is no such namespace, or its back end cannot have that size.</exception>
    Task ResizeNamespaceAsync(string nqn, uint nsid, long sizeInBytes, CancellationToken cancellationToken = default);

    /// <summary>Puts a host on the list of those that may connect. Without effect while every host may.</summary>
    /// <exception cref="NvmeTargetException">There is no such subsystem, or the name is not an NQN.</exception>
    void AllowHost(string nqn, string hostNqn);

    /// <summary>
    /// Puts a host on the list and gives it secrets, in place of those that it had: for queues connected from now on. To end what was connected before, remove the host first.
    /// </summary>
    /// <exception cref="NvmeTargetException">There is no such subsystem, the name is not an NQN, or a secret is malformed or cannot be read.</exception>
    void AllowHost(string nqn, NvmeHostSecretOptions host);

    /// <summary>Lets every host connect, or only those on the list: then the associations of others end.</summary>
    /// <returns>One report for each queue pair that was ended.</returns>
    /// <exception cref="NvmeTargetException">There is no such subsystem.</exception>
    Task<IReadOnlyList<DrainReport>> SetAllowAnyHostAsync(string nqn, bool allow, CancellationToken cancellationToken = default);

    /// <summary>Takes a host off the list, its secrets away and, unless every host may connect, ends its associations with the subsystem.</summary>
    /// <returns>One report for each queue pair that the removal ended.</returns>
    /// <exception cref="NvmeTargetException">There is no such subsystem, or the host is not on its list.</exception>
    Task<IReadOnlyList<DrainReport>> RemoveHostAsync(string nqn, string hostNqn, CancellationToken cancellationToken = default);
}
