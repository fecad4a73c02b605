using System.Buffers.Binary;
using System.Net;
using Nvmf.Transport.Tcp.Tests.QueuePairs;

namespace Nvmf.Teardown.Tests.Hosts;

/// <summary>
/// An association made of bytes: an admin queue, an I/O queue that reads in one of three ways (<see cref="ReadingQueue"/>), and a second I/O queue with a
/// write of which half the data has been sent.
/// </summary>
internal sealed class RawHost : IDisposable
{
    /// <summary>Admin, reads, half a write.</summary>
    public const int QueuePairs = 3;

    private const byte FabricsOpcode = 0x7F;
    private const byte PropertySet = 0;
    private const byte SetFeatures = 9;
    private const uint Enabled = 0x0046_0001;
    private const uint ShuttingDown = Enabled | 1 << 14;

    private readonly RawQueue _admin;
    private readonly RawQueue _writing;

    private RawHost(RawQueue admin, ReadingQueue reading, RawQueue writing)
    {
        _admin = admin;
        Reading = reading;
        _writing = writing;
    }

    public ReadingQueue Reading { get; }

    public static async Task<RawHost> ConnectAsync(IPEndPoint endPoint, PeerMode mode, bool digests, bool stopsAtCorruption = false)
    {
        RawQueue admin = await RawQueue.OpenAsync(endPoint, digests);
        ushort controllerId = await admin.ConnectAsync(0, 32);
        await SetConfigurationAsync(admin, Enabled);
        RawQueue reading = await RawQueue.OpenAsync(endPoint, digests, ReceiveBuffer(mode));
        await reading.ConnectAsync(1, ReadingQueue.Depth + 1, controllerId);
        RawQueue writing = await RawQueue.OpenAsync(endPoint, digests);
        await writing.ConnectAsync(2, 4, controllerId);
        await WriteHalfAsync(writing);
        return new RawHost(admin, new ReadingQueue(reading, mode) { StopsAtCorruption = stopsAtCorruption }, writing);
    }

    /// <summary>CC.EN = 0.</summary>
    public Task DisableAsync() => SetConfigurationAsync(_admin, Enabled & ~1u);

    /// <summary>CC.SHN = normal.</summary>
    public Task ShutDownAsync() => SetConfigurationAsync(_admin, ShuttingDown);

    /// <summary>Asks for the shortest keep-alive time; the host then says nothing more.</summary>
    public async Task AskForKeepAliveAsync()
    {
        byte[] entry = Wire.Entry(SetFeatures, 9, nsid: 0);
        entry[40] = 0x0F;
        BinaryPrimitives.WriteUInt32LittleEndian(entry.AsSpan(44), 100);
        await _admin.CommandAsync(entry);
    }

    /// <summary>As a machine whose power was cut: every packet of the target is dropped unseen, nothing is sent.</summary>
    public void Vanish()
    {
        PacketFilter.DropAll(_admin.Socket);
        PacketFilter.DropAll(_writing.Socket);
        PacketFilter.DropAll(Reading.Queue.Socket);
    }

    /// <summary>After <see cref="Vanish"/>: the network is there again, and nobody at the host knows that it was not.</summary>
    public void Return()
    {
        PacketFilter.Remove(_admin.Socket);
        PacketFilter.Remove(_writing.Socket);
        PacketFilter.Remove(Reading.Queue.Socket);
    }

    /// <summary>What a host does when its connections have ended: closes what is left of them.</summary>
    public void Dispose()
    {
        _admin.Dispose();
        _writing.Dispose();
        Reading.Queue.Dispose();
    }

    private static int? ReceiveBuffer(PeerMode mode) => mode switch
    {
        PeerMode.ClosedWindow => 4096,
        PeerMode.Slow => 32 << 10,
        _ => null,
    };

    private static Task<uint> SetConfigurationAsync(RawQueue admin, uint value)
    {
        byte[] entry = Wire.Entry(FabricsOpcode, 2, nsid: PropertySet);
        BinaryPrimitives.WriteUInt32LittleEndian(entry.AsSpan(44), 0x14);
        BinaryPrimitives.WriteUInt64LittleEndian(entry.AsSpan(48), value);
        return admin.CommandAsync(entry);
    }

    private static async Task WriteHalfAsync(RawQueue queue)
    {
        const int blocks = 128;
        await queue.SendAsync(Wire.CapsuleCmd(RawQueue.WriteEntry(5, 0, blocks), default, queue.Framing));
        byte[] readyToTransfer = await queue.ReadPduAsync();
        Assert.Equal(9, readyToTransfer[0]);
        ushort tag = BinaryPrimitives.ReadUInt16LittleEndian(readyToTransfer.AsSpan(10));
        byte[] pdu = Wire.H2CData(5, tag, 0, new byte[blocks * 512], framing: queue.Framing);
        await queue.SendAsync(pdu.AsMemory(0, pdu.Length / 2));
    }
}
