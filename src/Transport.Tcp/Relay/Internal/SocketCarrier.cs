using System.Net;
using System.Net.Sockets;

namespace Nvmf.Transport.Tcp.Relay.Internal;

/// <summary>A socket of .NET: the upstream of a relay that copies, since no pipe can say FIN and go on reading.</summary>
internal sealed class SocketCarrier(Socket socket) : RelayCarrier
{
    public override EndPoint? RemoteEndPoint { get; } = socket.RemoteEndPoint;

    public static async Task<SocketCarrier> ConnectAsync(EndPoint endPoint, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(endPoint, cancellationToken).ConfigureAwait(false);
            return new SocketCarrier(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken) =>
        socket.ReceiveAsync(buffer, SocketFlags.None, cancellationToken);

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (!bytes.IsEmpty)
        {
            int sent = await socket.SendAsync(bytes, SocketFlags.None, cancellationToken).ConfigureAwait(false);
            bytes = bytes[sent..];
        }
    }

    public override ValueTask EndWritesAsync()
    {
        socket.Shutdown(SocketShutdown.Send);
        return ValueTask.CompletedTask;
    }

    public override void Reset() => socket.Close(0);

    public override ValueTask CloseAsync()
    {
        socket.Dispose();
        return ValueTask.CompletedTask;
    }
}
