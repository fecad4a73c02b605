using System.Net;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Initiator.Multipath;

namespace Nvmf.Initiator.Discovery;

/// <summary>Where an <see cref="NvmeAutoConnect"/> looks, and what it connects.</summary>
public sealed class NvmeAutoConnectOptions
{
    /// <summary>Discovery controllers to begin with: at least one. Their referrals are followed.</summary>
    public IList<EndPoint> DiscoveryControllers { get; init; } = [];

    /// <summary>
    /// Says for a subsystem how it is to be connected, or null for not at all. The <see cref="NvmeConnectOptions.SubsystemNqn"/> of the result must be the argument.
    /// Asked on any thread, one call at a time, whenever logs have changed, for each listed subsystem that is not connected. Default: every subsystem, with default options.
    /// </summary>
    public Func<string, NvmeMultipathOptions?> Select { get; init; } =
        static nqn => new NvmeMultipathOptions { Connect = new NvmeConnectOptions { SubsystemNqn = nqn } };

    /// <summary>
    /// How discovery controllers are connected: names of this host, digests, deadlines. The keep-alive time-out must not be zero. Default: 30 s of it, otherwise as of
    /// <see cref="NvmeConnectOptions"/>.
    /// </summary>
    public NvmeConnectOptions Discovery { get; init; } = new() { SubsystemNqn = Nqn.Discovery, KeepAlive = TimeSpan.FromSeconds(30) };

    /// <summary>Bounds of what is believed.</summary>
    public NvmeReferralLimits Limits { get; init; } = new();

    /// <summary>Subsystems connected at a time, 1..4096. Default 64.</summary>
    public int MaxSubsystems { get; init; } = 64;

    /// <summary>Paths per subsystem, 1..64. Default 8.</summary>
    public int MaxPaths { get; init; } = 8;

    /// <summary>
    /// How long a path must have been missing in the logs before it is disconnected, 0 to 1 day: a target that starts lists itself piece by piece. Default 10 s.
    /// </summary>
    public TimeSpan DisconnectDelay { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Time before a discovery controller that was lost or not reached is connected again, 1 ms to 1 h. Default 5 s.</summary>
    public TimeSpan ReconnectDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// A log is read again after this long, 100 ms to 1 day, even when no change was announced; listed paths that were given up are tried again then. Default 5 min.
    /// </summary>
    public TimeSpan RefreshInterval { get; init; } = TimeSpan.FromMinutes(5);

    internal NvmeConnectOptions NewDiscoveryOptions(string nqn, bool persistent) =>
        Discovery with { SubsystemNqn = nqn, QueueCount = 0, KeepAlive = persistent ? Discovery.KeepAlive : TimeSpan.Zero };

    internal void Validate()
    {
        if (DiscoveryControllers.Count == 0)
        {
            throw new ArgumentException("At least one discovery controller is needed.", nameof(DiscoveryControllers));
        }

        ArgumentNullException.ThrowIfNull(Select);
        ArgumentNullException.ThrowIfNull(Discovery);
        ArgumentNullException.ThrowIfNull(Limits);
        Limits.Validate();
        NewDiscoveryOptions(Nqn.Discovery, persistent: true).Validate();
        ThrowIfOutside(Discovery.KeepAlive, TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(1), nameof(Discovery));
        ThrowIfOutside(MaxSubsystems, 1, 4096, nameof(MaxSubsystems));
        ThrowIfOutside(MaxPaths, 1, 64, nameof(MaxPaths));
        ThrowIfOutside(DisconnectDelay, TimeSpan.Zero, TimeSpan.FromDays(1), nameof(DisconnectDelay));
        ThrowIfOutside(ReconnectDelay, TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1), nameof(ReconnectDelay));
        ThrowIfOutside(RefreshInterval, TimeSpan.FromMilliseconds(100), TimeSpan.FromDays(1), nameof(RefreshInterval));
    }

    private static void ThrowIfOutside<T>(T value, T least, T most, string name)
        where T : IComparable<T>
    {
        if (value.CompareTo(least) < 0 || value.CompareTo(most) > 0)
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be between {least} and {most}.");
        }
    }
}
