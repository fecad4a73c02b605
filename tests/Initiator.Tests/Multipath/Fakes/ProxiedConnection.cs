using System.Net.Sockets;
using System.Threading.Channels;

namespace Nvmf.Initiator.Tests.Multipath.Fakes;

/// <summary>One connection through a <see cref="TcpProxy"/>.</summary>
internal sealed class ProxiedConnection : IDisposable
{
    private readonly TcpProxy _proxy;
    private readonly Socket _host;
    private readonly Socket _target = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly List<byte[]> _recorded = [];
    private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ProxiedConnection(TcpProxy proxy, Socket host)
    {
        _proxy = proxy;
        _host = host;
        _host.NoDelay = _target.NoDelay = true;
        Ended = RunAsync();
    }

    public Task Ended { get; }

    /// <summary>The host's end is not passed on; what was swallowed still is, when the gate opens.</summary>
    public bool HidesEnd { get; set; }

    public byte[] Recorded
    {
        get
        {
            lock (_recorded)
            {
                return [.. _recorded.SelectMany(static piece => piece)];
            }
        }
    }

    public void Dispose()
    {
        Reset(both: true);
        _target.Dispose();
    }

    public void Reset(bool both)
    {
        if (both)
        {
            _end.TrySetResult();
        }

        _host.Close(0);
        if (both)
        {
            _target.Close(0);
        }
    }

    private async Task RunAsync()
    {
        try
        {
            await _target.ConnectAsync(_proxy.Target);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            Reset(both: true);
            return;
        }

        var up = PumpAsync(_host, _target, _proxy.Up, isUp: true);
        var down = PumpAsync(_target, _host, _proxy.Down, isUp: false);
        await Task.WhenAll(up, down);
        Reset(both: true);
    }

    private async Task PumpAsync(Socket from, Socket to, ProxyGate gate, bool isUp)
    {
        // Two pieces read ahead, and the sender's window fills; or all of them.
        var pieces = gate.Swallows ? Channel.CreateUnbounded<byte[]>() : Channel.CreateBounded<byte[]>(1);
        var writing = WriteAsync(pieces.Reader, to, gate, isUp);
        var buffer = new byte[16384];
        var reset = false;
        try
        {
            while (await from.ReceiveAsync(buffer) is > 0 and var received)
            {
                await pieces.Writer.WriteAsync(buffer[..received]);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            reset = true;
        }

        pieces.Writer.Complete();
        if (reset && !HidesEnd)
        {
            Reset(both: true);
        }

        await writing;
        if (isUp && HidesEnd)
        {
            await _end.Task;
        }
        else if (!reset)
        {
            ShutDown(to);
        }
    }

    private static void ShutDown(Socket socket)
    {
        try
        {
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It is gone already.
        }
    }

    private async Task WriteAsync(ChannelReader<byte[]> pieces, Socket to, ProxyGate gate, bool isUp)
    {
        await foreach (var piece in pieces.ReadAllAsync())
        {
            for (var sent = 0; sent < piece.Length;)
            {
                var granted = await gate.PassAsync(piece.Length - sent, _end.Task);
                if (gate.Delay > TimeSpan.Zero)
                {
                    await Task.Delay(gate.Delay);
                }

                if (isUp && _proxy.Records)
                {
                    lock (_recorded)
                    {
                        _recorded.Add(piece[sent..(sent + granted)]);
                    }
                }

                if (!await TrySendAsync(to, piece.AsMemory(sent, granted)) && !HidesEnd)
                {
                    Reset(both: true);
                }

                sent += granted;
            }
        }
    }

    private static async Task<bool> TrySendAsync(Socket to, Memory<byte> bytes)
    {
        try
        {
            while (!bytes.IsEmpty)
            {
                bytes = bytes[await to.SendAsync(bytes)..];
            }

            return true;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }
}
