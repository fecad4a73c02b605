using Nvmf.Transport.Tcp.Pdu;
using Nvmf.Transport.Tcp.QueuePairs;

namespace Nvmf.Transport.Tcp.Tests.QueuePairs;

/// <summary>
/// A valid session as one stream of bytes, for tests that cut it up or damage it. Transfer tags are predictable (slot 0, generations 1, 2, …), so the whole
/// stream can be written without listening.
/// </summary>
internal static class RecordedSession
{
    public const int DiskSize = 64 << 10;

    // Above what the queue pair copies: such data goes straight into its buffer.
    private const int InCapsuleDataSize = 32 << 10;

    public static TcpQueuePairOptions Options => new() { InCapsuleDataSize = InCapsuleDataSize };

    public static byte[] Bytes(byte digests, int seed = 1) => [.. Pdus(digests, seed).SelectMany(pdu => pdu)];

    public static List<byte[]> Pdus(byte digests, int seed = 1)
    {
        var random = new Random(seed);
        var toController = new PduFraming((digests & 1) != 0, (digests & 2) != 0, 4);
        var pdus = new List<byte[]>
        {
            Wire.ICReq(digests, hpda: 2),
            Wire.CapsuleCmd(Wire.ConnectEntry(0xC0, qid: 1), new byte[1024], toController),
        };
        int generation = 0;
        ushort cid = 0;
        foreach (int size in new[] { 512, 20480, 4096, 40000, 0, 700, 16384, 50000 })
        {
            byte[] data = new byte[size];
            random.NextBytes(data);
            bool inCapsule = size <= InCapsuleDataSize;
            pdus.Add(Wire.CapsuleCmd(
                Wire.Entry(Wire.Write, cid, (byte)(inCapsule && size != 0 ? 0x01 : 0x5A), (uint)size, lba: cid), inCapsule ? data : [], toController));
            if (!inCapsule)
            {
                ushort tag = (ushort)(++generation << 12);
                int half = size / 2 / 4 * 4;
                pdus.Add(Wire.H2CData(cid, tag, 0, data.AsSpan(0, half), last: false, toController));
                pdus.Add(Wire.H2CData(cid, tag, (uint)half, data.AsSpan(half), last: true, toController));
            }

            pdus.Add(Wire.CapsuleCmd(Wire.Entry(Wire.Read, (ushort)(cid + 1), 0x5A, 1024, lba: cid), default, toController));
            cid += 2;
        }

        // A command with a bad descriptor, and its data.
        pdus.Add(Wire.CapsuleCmd(Wire.Entry(Wire.Write, cid, 0x01, 100), new byte[30000], toController));
        pdus.Add(Wire.CapsuleCmd(Wire.Entry(Wire.Flush, 99), default, toController));
        return pdus;
    }
}
