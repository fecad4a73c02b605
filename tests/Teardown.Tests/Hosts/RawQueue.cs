using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Nvmf.Teardown.Tests.Targets;
using Nvmf.Transport.Tcp.Pdu;
using Nvmf.Transport.Tcp.Tests.QueuePairs;

namespace Nvmf.Teardown.Tests.Hosts;

/// <summary>One NVMe/TCP connection of a host made of bytes: what it sends, when it reads and how it goes away is the test's affair.</summary>
internal sealed class RawQueue : IDisposable
{
    private readonly SemaphoreSlim _sending = new(1);

    private RawQueue(Socket socket, bool digests)
    {
        Socket = socket;
        Framing = digests ? new PduFraming(HeaderDigest: true, DataDigest: true, 4) : new PduFraming(false, false, 4);
    }

    public Socket Socket { get; }

    public PduFraming Framing { get; }

    /// <param name="endPoint">The listener.</param>
    /// <param name="digests">Ask for both.</param>
    /// <param name="receiveBuffer">SO_RCVBUF: a small one is a small window.</param>
    public static async Task<RawQueue> OpenAsync(IPEndPoint endPoint, bool digests, int? receiveBuffer = null)
    {
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (receiveBuffer is { } size)
        {
            socket.ReceiveBufferSize = size;
        }

        await socket.ConnectAsync(endPoint).WaitAsync(Eventually.Deadline);
        var queue = new RawQueue(socket, digests);
        await queue.SendAsync(Wire.ICReq((byte)(digests ? 3 : 0)));
        byte[] response = await queue.ReadAsync(128);
        Assert.Equal((1, digests ? 3 : 0), (response[0], response[11]));
        return queue;
    }

    /// <summary>Sends a Connect command; the controller identifier of the answer.</summary>
    public async Task<ushort> ConnectAsync(ushort queueId, int entries, ushort controllerId = 0xFFFF)
    {
        byte[] data = new byte[1024];
        data[0] = 7;
        BinaryPrimitives.WriteUInt16LittleEndian(data.AsSpan(16), controllerId);
        Encoding.UTF8.GetBytes(ProofTarget.Nqn, data.AsSpan(256));
        Encoding.UTF8.GetBytes(ProofTarget.HostNqn, data.AsSpan(512));
        return (ushort)await CommandAsync(Wire.ConnectEntry(1, queueId, (ushort)(entries - 1)), data);
    }

    /// <summary>Sends a command and waits for its success; dword 0 of the answer.</summary>
    public async Task<uint> CommandAsync(byte[] entry, byte[]? data = null)
    {
        await SendAsync(Wire.CapsuleCmd(entry, data, Framing));
        byte[] response = await ReadPduAsync();
        Assert.Equal((5, 0), (response[0], BinaryPrimitives.ReadUInt16LittleEndian(response.AsSpan(22)) >> 1));
        return BinaryPrimitives.ReadUInt32LittleEndian(response.AsSpan(8));
    }

    public Task SendReadAsync(ushort commandId, ulong lba, int blocks) => SendAsync(Wire.CapsuleCmd(ReadEntry(commandId, lba, blocks), default, Framing));

    public static byte[] ReadEntry(ushort commandId, ulong lba, int blocks) => Transfer(Wire.Read, commandId, lba, blocks);

    public static byte[] WriteEntry(ushort commandId, ulong lba, int blocks) => Transfer(Wire.Write, commandId, lba, blocks);

    /// <summary>Whole PDUs only, one sender at a time.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        await _sending.WaitAsync();
        try
        {
            while (!bytes.IsEmpty)
            {
                bytes = bytes[await Socket.SendAsync(bytes).AsTask().WaitAsync(Eventually.Deadline)..];
            }
        }
        finally
        {
            _sending.Release();
        }
    }

    public async Task<byte[]> ReadPduAsync()
    {
        byte[] common = await ReadAsync(8);
        return [.. common, .. await ReadAsync(BinaryPrimitives.ReadInt32LittleEndian(common.AsSpan(4)) - 8)];
    }

    public void Dispose()
    {
        Socket.Dispose();
        _sending.Dispose();
    }

    private async Task<byte[]> ReadAsync(int length)
    {
        byte[] bytes = new byte[length];
        for (int read = 0; read < length;)
        {
            int count = await Socket.ReceiveAsync(bytes.AsMemory(read)).AsTask().WaitAsync(Eventually.Deadline);
            Assert.NotEqual(0, count);
            read += count;
        }

        return bytes;
    }

    private static byte[] Transfer(byte opcode, ushort commandId, ulong lba, int blocks)
    {
        byte[] entry = Wire.Entry(opcode, commandId, length: (uint)blocks * 512, lba: lba);
        BinaryPrimitives.WriteUInt16LittleEndian(entry.AsSpan(48), (ushort)(blocks - 1));
        return entry;
    }
}
