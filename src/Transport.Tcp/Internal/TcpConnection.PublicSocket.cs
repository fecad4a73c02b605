using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;

namespace Nvmf.Transport.Tcp.Internal;

internal sealed partial class TcpConnection : IConnectionSocketFeature
{
    private Socket? _publicSocket;
    private bool _publicSocketClosed;

    /// <summary>A handle of its own, for options and addresses; made when it is asked for, and closed with the connection.</summary>
    Socket IConnectionSocketFeature.Socket
    {
        get
        {
            lock (_startLock)
            {
                ObjectDisposedException.ThrowIf(_publicSocketClosed, this);
                return _publicSocket ??= _socket.CreateSocket() ?? throw new NotSupportedException("The connection has no socket to show.");
            }
        }
    }

    private void ClosePublicSocket()
    {
        lock (_startLock)
        {
            _publicSocketClosed = true;
            _publicSocket?.Dispose();
        }
    }
}
