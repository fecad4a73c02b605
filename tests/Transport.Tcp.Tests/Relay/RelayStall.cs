using System.Net.Sockets;
using Nvmf.Transport.Tcp.Relay.Internal;
using Nvmf.Transport.Tcp.Tests.Connections;

namespace Nvmf.Transport.Tcp.Tests.Relay;

/// <summary>Fills a relay up to the brim.</summary>
internal static class RelayStall
{
    /// <summary>Sends until nothing goes any more and bytes are in the relay's hands.</summary>
    /// <returns>Bytes sent.</returns>
    public static async Task<long> StallAsync(RelayedPair pair)
    {
        byte[] buffer = new byte[64 << 10];
        long sent = 0;
        pair.Client.Blocking = false;
        int quiet = 0;
        while (quiet < 5)
        {
            PeerStream.Fill(buffer, sent);
            int n = pair.Client.Send(buffer, 0, buffer.Length, SocketFlags.None, out SocketError error);
            if (error is not (SocketError.Success or SocketError.WouldBlock))
            {
                throw new SocketException((int)error);
            }

            sent += error == SocketError.Success ? n : 0;
            quiet = error == SocketError.Success ? 0 : quiet + 1;
            if (quiet > 0)
            {
                await Task.Delay(20);
            }
        }

        pair.Client.Blocking = true;
        await Within.Until(() => ((LoopRelay)pair.Relay).BytesHeld > 0, "bytes in the relay's hands");
        return sent;
    }
}
