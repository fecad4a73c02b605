using Nvmf.EventLoop.Native;

namespace Nvmf.Transport.Tcp.Internal;

internal sealed unsafe partial class TcpConnection
{
    /// <summary>Notifications in a row that say "copied after all" before mode "auto" takes the hint.</summary>
    private const int CopiesUntilGivenUp = 16;

    private readonly ZeroCopyLedger _ledger;
    private int _zeroCopyThreshold = int.MaxValue;
    private int _copiesInARow;
    private bool _heldBack;

    private void ChooseZeroCopy()
    {
        ZeroCopyMode mode = _transport.Options.ZeroCopy;
        if (mode.Threshold == int.MaxValue || (mode.IsAuto && SocketAddresses.IsSameHost(LocalEndPoint, RemoteEndPoint)))
        {
            return;
        }

        int result = _socket.EnableZeroCopy();
        if (result < 0)
        {
            TcpLog.ZeroCopyNotEnabled(_transport.Logger, ConnectionId, -result);
        }
        else
        {
            _zeroCopyThreshold = mode.Threshold;
        }
    }

    /// <summary>Sends without copying; where that is refused, the same bytes with copying.</summary>
    private nint SendZeroCopy(IoVector* vectors, int count, long bytes, out bool zeroCopied)
    {
        ZeroCopyRefusal refusal = ZeroCopyRefusal.HeldBack;
        if (!_heldBack)
        {
            nint sent = _socket.Send(vectors, count, zeroCopy: true);
            if (sent > 0)
            {
                _ledger.BeginSend();
            }

            zeroCopied = sent > 0;
            if (sent >= 0 || !ZeroCopyRefusals.TryFrom(-(int)sent, out refusal))
            {
                return sent;
            }

            // What is used up comes back with a notification. Without one to wait for, try again next time.
            _heldBack = !_ledger.IsEmpty;
        }

        zeroCopied = false;
        nint copied = _socket.Send(vectors, count, zeroCopy: false);
        if (copied > 0)
        {
            _loop.Counters.FallbackBytes[(int)refusal] += copied;
        }

        return copied;
    }

    /// <summary>Reads the error queue and gives back what is proven off the wire.</summary>
    /// <returns>Number of notifications.</returns>
    private int ReapNotifications()
    {
        int count = 0;
        int result;
        while ((result = _socket.ReceiveNotification(out ZeroCopyNotification notification)) >= 0)
        {
            if (result == 0)
            {
                continue;
            }

            count++;
            _ledger.Complete(notification.Low, notification.High);
            Judge(notification);
            if (_ledger.Outstanding == 0)
            {
                break;
            }
        }

        if (count > 0)
        {
            Retire(count);
        }

        return count;
    }

    private void Retire(int notifications)
    {
        _heldBack = false;
        long bytes = 0;
        while (_ledger.TryRetire(out LedgerPiece piece))
        {
            bytes += piece.Bytes;
            piece.Lease.Release();
            piece.Owner?.OnSent(proven: true);
        }

        _loop.Counters.Notifications += notifications;
        _loop.Counters.UnknownNotifications += _ledger.TakeUnknownIndices();
        if (_quiesced)
        {
            Lifecycle.AddProven(bytes);
        }
    }

    private void Judge(in ZeroCopyNotification notification)
    {
        if (!notification.WasCopied)
        {
            _copiesInARow = 0;
            return;
        }

        _loop.Counters.NotificationsCopied++;
        if (++_copiesInARow != CopiesUntilGivenUp || !_transport.Options.ZeroCopy.IsAuto)
        {
            return;
        }

        _zeroCopyThreshold = int.MaxValue;
        _loop.Counters.ZeroCopyGivenUp++;
    }
}
