using System.Buffers.Binary;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Hostile.Tests.Client;
using Nvmf.Transport.Tcp.Tests.QueuePairs;

namespace Nvmf.Hostile.Tests.Injuries;

/// <summary>The data pointer of a command.</summary>
internal static class DescriptorInjuries
{
    private static readonly Stage[] Queues = [Stage.InputOutput, Stage.Transfer];

    private static readonly byte[] OtherTypes = [0x00, 0x02, 0x0F, 0x10, 0x20, 0x30, 0x31, 0x40, 0x4F, 0x50, 0x51, 0x5B, 0xFF];

    public static readonly Injury[] All =
    [
        Write("PSDT", (entry, random) => entry[1] = (byte)(random.Next(3) switch { 0 => 0x00, 1 => 0x80, _ => 0xC0 }), NvmeStatus.InvalidField),
        Write("FUSE", (entry, random) => entry[1] |= (byte)random.Next(1, 4), NvmeStatus.InvalidField, NvmeStatus.AbortedMissingFused),
        Write("descriptor type", (entry, random) => entry[39] = OtherTypes[random.Next(OtherTypes.Length)], NvmeStatus.SglDescriptorTypeInvalid),
        Write("length too long", (entry, random) => Set32(entry, 32, Numbers.Other(random, 4096) | 0x2000), NvmeStatus.DataSglLengthInvalid),
        Write("length too short", (entry, random) => Set32(entry, 32, (uint)random.Next(4096)), NvmeStatus.DataSglLengthInvalid),
        InCapsule("offset", (entry, random) => BinaryPrimitives.WriteUInt64LittleEndian(entry.AsSpan(24), 4097 + (ulong)random.NextInt64()), NvmeStatus.SglOffsetInvalid),
        InCapsule("offset that overflows", (entry, _) => entry.AsSpan(24, 8).Fill(0xFF), NvmeStatus.SglOffsetInvalid),
        InCapsule("offset inside, length not", (entry, random) => Set32(entry, 24, (uint)random.Next(1, 4096)), NvmeStatus.DataSglLengthInvalid),
        InCapsule("length", (entry, random) => Set32(entry, 32, Numbers.Other(random, 4096)), NvmeStatus.DataSglLengthInvalid),
        InCapsule("data that no descriptor describes", (entry, _) => entry[39] = 0x5A, NvmeStatus.InvalidField),
        new("read into the capsule", Queues, ReadIntoTheCapsule),
        new("more in the capsule than announced", Queues, MoreThanAnnounced),
        new("read longer than MDTS", Queues, session => Command(
            session, HostileSession.Blocks(Wire.Read, session.NextCommandId(), 0, 512), [], NvmeStatus.DataSglLengthInvalid, NvmeStatus.InvalidField)),
    ];

    private static Injury Write(string name, Action<byte[], Random> injure, params NvmeStatus[] statuses) => new($"write: {name}", Queues, session =>
    {
        byte[] entry = HostileSession.Blocks(Wire.Write, session.NextCommandId(), 0, 8);
        injure(entry, session.Random);
        return Command(session, entry, [], statuses);
    });

    private static Injury InCapsule(string name, Action<byte[], Random> injure, params NvmeStatus[] statuses) => new($"write in the capsule: {name}", Queues, session =>
    {
        byte[] entry = HostileSession.Blocks(Wire.Write, session.NextCommandId(), 0, 8, sgl: 1);
        injure(entry, session.Random);
        return Command(session, entry, HostileSession.Text(4096, session.Random), statuses);
    });

    private static Expectation ReadIntoTheCapsule(HostileSession session)
    {
        byte[] entry = HostileSession.Blocks(Wire.Read, session.NextCommandId(), 0, 8, sgl: 1);
        return session.Random.Next(2) == 0
            ? Command(session, entry, [], NvmeStatus.DataSglLengthInvalid)
            : Command(session, entry, HostileSession.Text(4096, session.Random), NvmeStatus.InvalidField, NvmeStatus.SglDescriptorTypeInvalid);
    }

    private static Expectation MoreThanAnnounced(HostileSession session)
    {
        int blocks = session.World.QueuePairOptions.InCapsuleDataSize / World.BlockSize * 2;
        byte[] data = HostileSession.Text(blocks * World.BlockSize, session.Random);
        return Command(session, HostileSession.Blocks(Wire.Write, session.NextCommandId(), 0, blocks, sgl: 1), data, NvmeStatus.DataSglLengthInvalid);
    }

    public static Expectation Command(HostileSession session, byte[] entry, byte[] data, params NvmeStatus[] statuses)
    {
        session.Send(session.Capsule(entry, data));
        return Expectation.Status(BinaryPrimitives.ReadUInt16LittleEndian(entry.AsSpan(2)), statuses);
    }

    private static void Set32(byte[] entry, int offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(entry.AsSpan(offset), value);
}
