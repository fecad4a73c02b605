using System.Buffers.Binary;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Hostile.Tests.Client;
using Nvmf.Transport.Tcp.Tests.QueuePairs;

namespace Nvmf.Hostile.Tests.Injuries;

/// <summary>Fields of I/O commands.</summary>
internal static class InputOutputInjuries
{
    private const byte Compare = 0x05;
    private const byte WriteZeroes = 0x08;
    private const byte DatasetManagement = 0x09;
    private const byte Verify = 0x0C;
    private const byte Copy = 0x19;
    private const byte Register = 0x0D;
    private const byte Report = 0x0E;
    private const byte Acquire = 0x11;
    private const byte Release = 0x15;
    private static readonly Stage[] Queues = [Stage.InputOutput, Stage.Transfer];
    private static readonly byte[] UnknownOpcodes = [0x04, 0x18, 0x79, 0x7D, 0x80, 0x90, 0xC0, 0xFF];
    private static readonly byte[] RangeOpcodes = [Wire.Write, Wire.Read, Compare, WriteZeroes, Verify];

    public static readonly Injury[] All =
    [
        new("I/O opcode", Queues, session => Command(
            session, Wire.Entry(UnknownOpcodes[session.Random.Next(UnknownOpcodes.Length)], session.NextCommandId()), [], NvmeStatus.InvalidOpcode)),
        Range("SLBA behind the end", (entry, random) => Set64(entry, 40, Numbers.LbaOutOfRange(random)), NvmeStatus.LbaOutOfRange),
        Range("end behind the end", (entry, random) => Set64(entry, 40, World.BlockCount - (ulong)random.Next(8)), NvmeStatus.LbaOutOfRange),
        Range("SLBA + NLB overflows", (entry, random) => Set64(entry, 40, ulong.MaxValue - (ulong)random.Next(8)), NvmeStatus.LbaOutOfRange),
        Range("NSID", (entry, random) => Set32(entry, 4, random.Next(3) switch { 0 => 0, 1 => uint.MaxValue, _ => (uint)random.Next(3, int.MaxValue) }), NvmeStatus.InvalidNamespace, NvmeStatus.InvalidField),
        Range("protection information", (entry, random) => entry[51] |= (byte)(4 << random.Next(4)), NvmeStatus.InvalidProtectionInformation, NvmeStatus.InvalidField),
        new("NLB other than the SGL", Queues, LengthMismatch),
        new("write to a read-only namespace", Queues, session => Command(
            session, HostileSession.Blocks(Wire.Write, session.NextCommandId(), 0, 8, nsid: 2), [], NvmeStatus.NamespaceWriteProtected)),
        new("Dataset Management: ranges behind the end", Queues, HugeDeallocation),
        new("Dataset Management: fewer ranges than announced", Queues, session => Command(
            session, Dwords(DatasetManagement, session, 255, 4, 16), HostileSession.Text(16, session.Random), NvmeStatus.DataSglLengthInvalid)),
        new("Dataset Management: SGL longer than all ranges", Queues, session => Command(
            session, Dwords(DatasetManagement, session, 255, 4, 8192, sgl: 0x5A), [], NvmeStatus.DataSglLengthInvalid)),
        new("Copy: source behind the end", Queues, session => CopyWith(session, Numbers.LbaOutOfRange(session.Random), 0, NvmeStatus.LbaOutOfRange)),
        new("Copy: destination behind the end", Queues, session => CopyWith(session, 0, Numbers.LbaOutOfRange(session.Random), NvmeStatus.LbaOutOfRange)),
        new("Copy: onto itself", Queues, session => CopyWith(session, 64, 66, new NvmeStatus(1, 0x87))),
        new("Copy: more ranges than announced", Queues, session => Command(
            session, Dwords(Copy, session, 0, 0, 32, dword12: 0xFF), new byte[32], NvmeStatus.DataSglLengthInvalid, NvmeStatus.CommandSizeLimitExceeded)),
        new("Copy: descriptor format", Queues, session => Command(
            session, Dwords(Copy, session, 0, 0, 32, dword12: (uint)session.Random.Next(1, 16) << 8), new byte[32], NvmeStatus.InvalidField)),
        new("reservation: keys of another length", Queues, KeysOfAnotherLength),
        new("reservation: action", Queues, session => Command(
            session, Dwords(Any(session, Register, Acquire, Release), session, 0x100 | (uint)session.Random.Next(3, 8), 0, 16), new byte[16], NvmeStatus.InvalidField)),
        new("reservation: type", Queues, session => Command(
            session, Dwords(Acquire, session, (uint)session.Random.Next(7, 256) << 8, 0, 16), new byte[16], NvmeStatus.InvalidField)),
        new("reservation: key that is not there", Queues, session => Command(
            session, Dwords(Any(session, Acquire, Release), session, 0x101, 0, 16), HostileSession.Text(16, session.Random), NvmeStatus.ReservationConflict)),
        new("reservation report: length other than the SGL", Queues, session => Command(
            session, Dwords(Report, session, (uint)session.Random.NextInt64(1024, 1L << 32), 1, 4096, sgl: 0x5A), [], NvmeStatus.DataSglLengthInvalid, NvmeStatus.InvalidField)),
        new("reservation report: host identifiers of 64 bits", Queues, session => Command(
            session, Dwords(Report, session, 1023, 0, 4096, sgl: 0x5A), [], NvmeStatus.HostIdentifierInconsistentFormat)),
    ];

    private static Injury Range(string name, Action<byte[], Random> injure, params NvmeStatus[] statuses) => new($"range: {name}", Queues, session =>
    {
        byte opcode = RangeOpcodes[session.Random.Next(RangeOpcodes.Length)];
        byte[] entry = HostileSession.Blocks(opcode, session.NextCommandId(), 0, 8, length: opcode is WriteZeroes or Verify ? 0u : null);
        injure(entry, session.Random);
        return Command(session, entry, [], statuses);
    });

    private static Expectation LengthMismatch(HostileSession session)
    {
        byte opcode = RangeOpcodes[session.Random.Next(3)];
        byte[] entry = HostileSession.Blocks(opcode, session.NextCommandId(), 0, 8);
        BinaryPrimitives.WriteUInt16LittleEndian(entry.AsSpan(48), (ushort)(session.Random.Next(3) == 0 ? 0xFFFF : session.Random.Next(8, 200)));
        return Command(session, entry, [], NvmeStatus.DataSglLengthInvalid, NvmeStatus.InvalidField, NvmeStatus.LbaOutOfRange);
    }

    private static Expectation HugeDeallocation(HostileSession session)
    {
        byte[] ranges = new byte[256 * 16];
        for (int i = 0; i < ranges.Length; i += 16)
        {
            Set32(ranges, i + 4, uint.MaxValue);
            Set64(ranges, i + 8, Numbers.LbaOutOfRange(session.Random));
        }

        return Command(session, Dwords(DatasetManagement, session, 255, 4, ranges.Length), ranges, NvmeStatus.LbaOutOfRange);
    }

    private static Expectation CopyWith(HostileSession session, ulong source, ulong destination, NvmeStatus status)
    {
        byte[] descriptor = new byte[32];
        Set64(descriptor, 8, source);
        BinaryPrimitives.WriteUInt16LittleEndian(descriptor.AsSpan(16), 7);
        byte[] entry = Dwords(Copy, session, 0, 0, 32);
        Set64(entry, 40, destination);
        return Command(session, entry, descriptor, status);
    }

    private static Expectation KeysOfAnotherLength(HostileSession session)
    {
        int[] lengths = [4, 12, 24, 512, 4096];
        int length = lengths[session.Random.Next(lengths.Length)];
        return Command(
            session, Dwords(Any(session, Register, Acquire, Release), session, 0x100, 0, length), HostileSession.Text(length, session.Random), NvmeStatus.DataSglLengthInvalid);
    }

    private static byte Any(HostileSession session, params ReadOnlySpan<byte> opcodes) => opcodes[session.Random.Next(opcodes.Length)];

    private static byte[] Dwords(byte opcode, HostileSession session, uint dword10, uint dword11, int length, uint dword12 = 0, byte sgl = 1)
    {
        byte[] entry = Wire.Entry(opcode, session.NextCommandId(), sgl, (uint)length);
        Set32(entry, 40, dword10);
        Set32(entry, 44, dword11);
        Set32(entry, 48, dword12);
        return entry;
    }

    private static Expectation Command(HostileSession session, byte[] entry, byte[] data, params NvmeStatus[] statuses) =>
        DescriptorInjuries.Command(session, entry, data, statuses);

    private static void Set32(byte[] bytes, int offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(offset), value);

    private static void Set64(byte[] bytes, int offset, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(offset), value);
}
