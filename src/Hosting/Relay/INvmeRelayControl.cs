using Nvmf.Abstractions.Lifecycle;
using Nvmf.Transport.Tcp.Relay;

namespace Nvmf.Hosting.Relay;

/// <summary>Looks at and changes what this host relays while it runs. A service of the host.</summary>
/// <remarks>
/// All members may be called from any thread, from the start of the host to its stop. Refusals are <see cref="NvmeTargetException"/>s whose message is one
/// sentence for a person.
/// </remarks>
public interface INvmeRelayControl
{
    /// <summary>The relaying listeners, in the order in which they were added. End points inside Kestrel are not among them.</summary>
    IReadOnlyList<NvmeRelayInfo> Relays { get; }

    /// <summary>Counts of all relays of the host.</summary>
    RelayStatistics Statistics { get; }

    /// <summary>Binds, and relays what is accepted.</summary>
    /// <param name="from">Where to listen, for example <c>tcp://0.0.0.0:4420</c>.</param>
    /// <param name="to">Where connections go, in turn.</param>
    /// <param name="cancellationToken">Gives up before the listener accepts.</param>
    /// <exception cref="NvmeTargetException">An address is malformed, or <paramref name="from"/> cannot be listened on.</exception>
    Task<NvmeRelayInfo> AddAsync(string from, IEnumerable<string> to, CancellationToken cancellationToken = default);

    /// <summary>Stops accepting, drains the listener's relays and returns when all of them have ended. Others are not touched.</summary>
    /// <param name="from">As it was given, or as it was bound.</param>
    /// <param name="cancellationToken">Stops waiting; the removal goes on.</param>
    /// <exception cref="NvmeTargetException">There is no such listener.</exception>
    Task<IReadOnlyList<DrainReport>> RemoveAsync(string from, CancellationToken cancellationToken = default);
}
