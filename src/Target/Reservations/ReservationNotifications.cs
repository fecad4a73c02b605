using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Target.Reservations;

/// <summary>
/// The reservation notifications that the host of one controller has not read yet, and those that it does not want. Any thread; empty after a reset of the controller.
/// </summary>
internal sealed class ReservationNotifications
{
    /// <summary>What is more is lost; the numbers of the others show it.</summary>
    public const int Capacity = 256;

    private readonly Lock _lock = new();
    private readonly Queue<ReservationNotification> _unread = [];
    private readonly Dictionary<uint, ReservationNotificationMask> _masks = [];
    private ulong _count;

    /// <returns>False when the host does not want to know.</returns>
    public bool Add(ReservationNotificationType type, uint namespaceId)
    {
        lock (_lock)
        {
            if ((_masks.GetValueOrDefault(namespaceId) & MaskOf(type)) != 0)
            {
                return false;
            }

            _count = _count == ulong.MaxValue ? 1 : _count + 1;
            if (_unread.Count < Capacity)
            {
                _unread.Enqueue(new ReservationNotification { Count = _count, Type = type, NamespaceId = namespaceId });
            }

            return true;
        }
    }

    /// <summary>The oldest; zeroes when there is none.</summary>
    /// <param name="keep">Leave it there.</param>
    public ReservationNotification Read(bool keep)
    {
        lock (_lock)
        {
            if (!_unread.TryPeek(out ReservationNotification oldest))
            {
                return default;
            }

            oldest.Available = (byte)Math.Min(byte.MaxValue, _unread.Count - 1);
            if (!keep)
            {
                _unread.Dequeue();
            }

            return oldest;
        }
    }

    public ReservationNotificationMask GetMask(uint namespaceId)
    {
        lock (_lock)
        {
            return _masks.GetValueOrDefault(namespaceId);
        }
    }

    public void SetMask(uint namespaceId, ReservationNotificationMask mask)
    {
        lock (_lock)
        {
            _masks[namespaceId] = mask;
        }
    }

    /// <summary>The namespace was removed; another one may get its identifier.</summary>
    public void ForgetMask(uint namespaceId)
    {
        lock (_lock)
        {
            _masks.Remove(namespaceId);
        }
    }

    public void Reset()
    {
        lock (_lock)
        {
            _unread.Clear();
            _masks.Clear();
            _count = 0;
        }
    }

    private static ReservationNotificationMask MaskOf(ReservationNotificationType type) => (ReservationNotificationMask)(1u << (int)type);
}
