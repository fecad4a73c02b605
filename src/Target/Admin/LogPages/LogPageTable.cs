using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Controllers;

namespace Nvmf.Target.Admin.LogPages;

/// <summary>The log pages that controllers have.</summary>
internal static class LogPageTable
{
    /// <summary>All, in the order of their identifiers.</summary>
    public static IReadOnlyList<LogPage> All { get; } =
    [
        new SupportedLogPagesPage(),
        new ErrorInformationPage(),
        new SmartHealthPage(),
        new FirmwareSlotPage(),
        new ChangedNamespaceListPage(),
        new CommandEffectsPage(),
        new AnaLogPage(),
        new FeatureEffectsPage(),
        new ManagementInterfaceEffectsPage(),
        new DiscoveryLogPage(),
        new ReservationNotificationPage(),
    ];

    public static LogPage? Find(LogPageIdentifier identifier, Controller controller)
    {
        foreach (LogPage page in All)
        {
            if (page.Identifier == identifier)
            {
                return page.IsAvailable(controller) ? page : null;
            }
        }

        return null;
    }
}
