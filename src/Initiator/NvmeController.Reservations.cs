using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Initiator;

public sealed partial class NvmeController
{
    /// <summary>
    /// Reads the oldest reservation notification of this controller (log page 80h), and takes it off. Read until there is none after an event of
    /// <see cref="Events"/> that names the page: several notifications may have come with one event.
    /// </summary>
    /// <returns>Null when there is none.</returns>
    public async Task<ReservationNotification?> ReadReservationNotificationAsync(CancellationToken cancellationToken = default)
    {
        var data = new byte[ReservationNotification.Size];
        await GetLogPageAsync(LogPageIdentifier.ReservationNotification, data, cancellationToken: cancellationToken).ConfigureAwait(false);
        var notification = WireStructure.Read<ReservationNotification>(data);
        return notification.Type == ReservationNotificationType.None ? null : notification;
    }

    /// <summary>Chooses which reservation notifications of a namespace this controller keeps (feature 82h).</summary>
    /// <param name="mask">Those that are not wanted.</param>
    /// <param name="namespaceId">NSID; FFFFFFFFh for all.</param>
    /// <param name="cancellationToken">Aborts the command.</param>
    public Task SetReservationNotificationMaskAsync(
        ReservationNotificationMask mask, uint namespaceId = NamespaceIdentifiers.Broadcast, CancellationToken cancellationToken = default) =>
        SetFeatureAsync(FeatureIdentifier.ReservationNotificationMask, (uint)mask, namespaceId, cancellationToken: cancellationToken);
}
