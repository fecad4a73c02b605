using System.Globalization;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Hosting;
using Nvmf.Target;

namespace TargetHost.Control;

internal static class MessageConversions
{
    public static ListenerMessage ToMessage(this NvmeListenerInfo listener) => new(listener.Address.ToString(), listener.QueuePairs, listener.Removing);

    public static DrainedMessage ToMessage(this IReadOnlyList<DrainReport> reports) => new(
        [.. DrainTotal.ByCause(reports).Select(t => new DrainTotalMessage(
            t.Cause.ToString(), t.QueuePairs, t.DrainedBytes, t.AbortedBytes, t.QuarantinedBytes, t.AbandonedCommands, t.Longest.TotalMilliseconds))],
        [.. reports.Select(ToMessage)]);

    private static DrainReportMessage ToMessage(DrainReport r) => new(
        r.QueuePairId,
        r.Cause.ToString(),
        [.. r.LaterCauses.Select(c => c.ToString())],
        r.Error?.Message,
        r.LastStage.ToString(),
        r.DrainedBytes,
        r.AbortedBytes,
        r.QuarantinedBytes,
        r.AbandonedCommands,
        r.PassedDeadlines.ToString(),
        r.LateEvents,
        r.Elapsed.TotalMilliseconds);

    public static QueuePairMessage ToMessage(this QueuePairInfo queuePair) => new(
        queuePair.Id,
        queuePair.TransportType.ToString(),
        queuePair.State.ToString(),
        new ReferencesMessage(
            queuePair.References.Commands,
            queuePair.References.Transmissions,
            queuePair.References.PostedReceives,
            queuePair.References.Events,
            queuePair.References.Registrations),
        queuePair.Cause.ToString(),
        queuePair.LocalEndPoint?.ToString(),
        queuePair.RemoteEndPoint?.ToString(),
        queuePair.HostNqn,
        queuePair.SubsystemNqn,
        queuePair.ControllerId,
        queuePair.QueueId,
        queuePair.QueueSize,
        queuePair.Commands);

    public static SubsystemMessage ToMessage(this NvmeSubsystemInfo subsystem) => new(
        subsystem.Nqn,
        subsystem.AllowAnyHost,
        subsystem.Hosts,
        subsystem.RequiresAuthentication,
        subsystem.HostsWithSecrets,
        [.. subsystem.Namespaces.Select(n => new NamespaceMessage(n.Nsid, n.Uuid, n.Disk, n.BlockSize, n.SizeInBytes, n.ReadOnly, n.Reservation.ToMessage()))]);

    private static ReservationMessage? ToMessage(this ReservationInfo reservation) => reservation.Registrants.Count == 0 ? null : new(
        reservation.Type.ToString(),
        reservation.PersistsThroughPowerLoss,
        [.. reservation.Registrants.Select(r => new RegistrantMessage(r.HostId, r.Key.ToString("x16", CultureInfo.InvariantCulture), r.HoldsReservation))]);
}
