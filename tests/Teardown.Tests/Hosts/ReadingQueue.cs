using System.Net.Sockets;
using Nvmf.Transport.Tcp.Tests.QueuePairs;

namespace Nvmf.Teardown.Tests.Hosts;

/// <summary>An I/O queue full of reads, whose answers are taken in one of three ways and judged byte by byte.</summary>
internal sealed class ReadingQueue(RawQueue queue, PeerMode mode)
{
    /// <summary>Commands at a time: 2 MiB of data, of which a closed window and the kernel's send buffer take less than a third.</summary>
    public const int Depth = 32;

    public const int Blocks = 128;

    private const int SlowBytes = 4096;
    private static readonly TimeSpan SlowPause = TimeSpan.FromMilliseconds(2);

    private readonly StreamChecker _checker = new(queue.Framing);
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _asksForMore = mode == PeerMode.Reading;
    private Task? _reading;
    private ulong _nextLba;

    public RawQueue Queue => queue;

    public StreamChecker Seen => _checker;

    /// <summary>Closes as soon as a block is corrupt: through a small window the rest would take long, and prove no more.</summary>
    public bool StopsAtCorruption { get; init; }

    /// <summary>The connection ended with a RST.</summary>
    public bool WasReset { get; private set; }

    public async Task StartAsync()
    {
        for (ushort commandId = 0; commandId < Depth; commandId++)
        {
            await SendReadAsync(commandId);
        }

        _reading = Task.Run(ReadAsync);
    }

    /// <summary>Sends nothing more.</summary>
    public void Hush() => _asksForMore = false;

    public async Task SendBadPduAsync()
    {
        Hush();
        await queue.SendAsync(Wire.Header(0xEE, 0, 72, 0, 72, 72));
    }

    public async Task SendBadDigestAsync()
    {
        Hush();
        byte[] pdu = Wire.CapsuleCmd(RawQueue.ReadEntry(99, 0, 1), default, queue.Framing);
        pdu[20] ^= 1;
        await queue.SendAsync(pdu);
    }

    public void SendFin()
    {
        Hush();
        queue.Socket.Shutdown(SocketShutdown.Send);
    }

    /// <summary>The end of a process that is killed with data unread, or of a machine that restarts.</summary>
    public async Task SendResetAsync()
    {
        Hush();
        queue.Socket.LingerState = new LingerOption(true, 0);
        queue.Socket.Close();
        await EndAsync();
    }

    /// <summary>Sends one more read: a connection that the target has given up is answered with a RST.</summary>
    public Task PokeAsync() => SendMoreAsync(Depth);

    /// <summary>The target is through: reads to the end of the connection.</summary>
    public async Task TakeTheRestAsync()
    {
        queue.Socket.ReceiveBufferSize = 1 << 20;
        _open.TrySetResult();
        await EndAsync();
    }

    private async Task EndAsync()
    {
        _open.TrySetResult();
        await _reading!.WaitAsync(Eventually.Deadline);
        lock (_checker)
        {
            _checker.End();
        }
    }

    private async Task ReadAsync()
    {
        if (mode == PeerMode.ClosedWindow)
        {
            await _open.Task;
        }

        byte[] buffer = new byte[64 << 10];
        try
        {
            while (true)
            {
                if (StopsAtCorruption && _checker.CorruptBlocks > 0)
                {
                    return;
                }

                using var look = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
                int count;
                try
                {
                    count = await queue.Socket.ReceiveAsync(buffer.AsMemory(0, mode == PeerMode.Slow ? SlowBytes : buffer.Length), look.Token);
                }
                catch (OperationCanceledException)
                {
                    continue;
                }

                if (count == 0)
                {
                    return;
                }

                await TakeAsync(buffer.AsMemory(0, count));
            }
        }
        catch (SocketException error) when (error.SocketErrorCode is SocketError.ConnectionReset or SocketError.Shutdown or SocketError.OperationAborted)
        {
            WasReset = true;
        }
        catch (ObjectDisposedException)
        {
        }
    }

    private async Task TakeAsync(ReadOnlyMemory<byte> bytes)
    {
        (ushort CommandId, ushort Status)[] answers;
        lock (_checker)
        {
            _checker.Add(bytes.Span);
            answers = [.. _checker.Answers];
            _checker.Answers.Clear();
        }

        foreach ((ushort commandId, _) in answers)
        {
            if (_asksForMore)
            {
                await SendMoreAsync(commandId);
            }
        }

        if (mode == PeerMode.Slow)
        {
            await Task.Delay(SlowPause);
        }
    }

    private async Task SendMoreAsync(ushort commandId)
    {
        try
        {
            await SendReadAsync(commandId);
        }
        catch (SocketException)
        {
            // The end has come; what was sent before it is still to be read.
            _asksForMore = false;
        }
    }

    private Task SendReadAsync(ushort commandId)
    {
        ulong lba = _nextLba;
        _nextLba = (_nextLba + Blocks) % (1 << 19);
        lock (_checker)
        {
            _checker.Expect(commandId, lba * 512);
        }

        return queue.SendReadAsync(commandId, lba, Blocks);
    }
}
