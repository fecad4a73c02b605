using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Controllers;

namespace Nvmf.Target.Admin.LogPages;

/// <summary>Reservation notification (80h): the oldest unread one, which is read with that, or zeroes.</summary>
internal sealed class ReservationNotificationPage : LogPage
{
    public override LogPageIdentifier Identifier => LogPageIdentifier.ReservationNotification;

    public override AsynchronousEvents Events => AsynchronousEventQueue.ReservationLogPageAvailable;

    public override ReadOnlyMemory<byte> Read(Controller controller, ref readonly GetLogPageCommand command, bool keep)
    {
        ReservationNotification notification = controller.ReservationNotifications.Read(keep);
        return WireStructure.AsBytes(in notification).ToArray();
    }
}
