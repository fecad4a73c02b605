using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Target.Admin.Features;

/// <summary>The features that controllers have.</summary>
internal static class FeatureTable
{
    // TMPSEL and THSEL: only the composite temperature exists, with an over and an under threshold.
    private const uint TemperatureSelectors = 0x3F_0000;
    private const uint UnderTemperature = 0x10_0000;
    private const uint CoalescingDisabled = 1 << 16;

    /// <summary>All, in the order of their identifiers.</summary>
    public static IReadOnlyList<Feature> All { get; } =
    [
        // Burst and weights: there is one arbitration mechanism, round robin.
        new ValueFeature(FeatureIdentifier.Arbitration, 0xFFFF_FF07, 0, static _ => 0x07),

        // Power state 0 and a workload hint.
        new ValueFeature(FeatureIdentifier.PowerManagement, 0x0000_00E0, 0, static _ => 0),
        new ValueFeature(FeatureIdentifier.TemperatureThreshold, 0xFFFF, TemperatureSelectors, DefaultTemperatureThreshold),
        new ErrorRecoveryFeature(),
        new VolatileWriteCacheFeature(),
        new NumberOfQueuesFeature(),

        // There are no interrupts, and so nothing to coalesce; some hosts ask, since both are mandatory where there are.
        new FixedFeature(FeatureIdentifier.InterruptCoalescing, static _ => 0),
        new FixedFeature(FeatureIdentifier.InterruptVectorConfiguration, static dword11 => (ushort)dword11 | CoalescingDisabled),

        // Disable Normal: AWUN is one block either way.
        new ValueFeature(FeatureIdentifier.WriteAtomicity, 1, 0, static _ => 0),
        new AsynchronousEventConfigurationFeature(),
        new TimestampFeature(),
        new KeepAliveTimerFeature(),
        new HostBehaviorFeature(),
        new HostIdentifierFeature(),
        new ReservationNotificationMaskFeature(),
        new ReservationPersistenceFeature(),
    ];

    public static Feature? Find(FeatureIdentifier identifier, bool onDiscovery)
    {
        foreach (Feature feature in All)
        {
            if (feature.Identifier == identifier)
            {
                return feature.OnDiscovery || !onDiscovery ? feature : null;
            }
        }

        return null;
    }

    private static uint? DefaultTemperatureThreshold(uint selectors) => selectors switch
    {
        0 => 0xFFFF,
        UnderTemperature => 0,
        _ => null,
    };
}
