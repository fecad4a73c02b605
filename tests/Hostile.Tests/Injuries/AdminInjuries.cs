using System.Buffers.Binary;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Hostile.Tests.Client;
using Nvmf.Transport.Tcp.Tests.QueuePairs;

namespace Nvmf.Hostile.Tests.Injuries;

/// <summary>Fields of admin commands.</summary>
internal static class AdminInjuries
{
    private static readonly Stage[] Ready = [Stage.Ready];

    // Queue management is for PCIe, the rest is not implemented.
    private static readonly byte[] UnknownOpcodes = [0x00, 0x01, 0x04, 0x05, 0x0D, 0x10, 0x11, 0x14, 0x15, 0x19, 0x1A, 0x1D, 0x7C, 0x80, 0x81, 0x82, 0x84, 0xC1, 0xFF];

    public static readonly Injury[] All =
    [
        Admin("opcode", 0, random => Entry(UnknownOpcodes[random.Next(UnknownOpcodes.Length)], 0), NvmeStatus.InvalidOpcode),
        Admin("Get Log Page: identifier", 512, random => Log(0x30 + random.Next(0x40), 512, 0), NvmeStatus.InvalidLogPage, NvmeStatus.InvalidField),
        Admin("Get Log Page: offset not of dwords", 512, random => Log(2, 512, (ulong)random.Next(1000) * 4 + (ulong)random.Next(1, 4)), NvmeStatus.InvalidField),
        Admin("Get Log Page: offset behind the end", 512, random => Log(2, 512, 516 + ((ulong)random.NextInt64() & ~3ul)), NvmeStatus.InvalidField),
        Admin("Get Log Page: offset at the end of all numbers", 512, _ => Log(2, 512, ulong.MaxValue - 3), NvmeStatus.InvalidField),
        Admin("Get Log Page: other length than the SGL", 512, random => Log(2, 516 + (random.Next(0x1000) * 4), 0), NvmeStatus.DataSglLengthInvalid, NvmeStatus.InvalidField),
        Admin("Get Log Page: longer than MDTS", 4096, _ => Log(1, -1, 0), NvmeStatus.InvalidField, NvmeStatus.DataSglLengthInvalid),
        Admin("Get Log Page: SGL longer than MDTS", World.MaxDataTransferSize * 2, _ => Log(1, World.MaxDataTransferSize * 2, 0), NvmeStatus.DataSglLengthInvalid, NvmeStatus.InvalidField),
        Admin("Identify: CNS", 4096, random => Entry(0x06, (uint)random.Next(0x20, 0x100)), NvmeStatus.InvalidField),
        Admin("Identify: length", 4092, random => Entry(0x06, 1), NvmeStatus.DataSglLengthInvalid),
        Admin("Identify: no namespace", 4096, random => Entry(0x06, 3, nsid: (uint)random.Next(3, int.MaxValue)), NvmeStatus.InvalidNamespace, NvmeStatus.InvalidField),
        Admin("Get Features: identifier", 0, random => Entry(0x0A, (uint)random.Next(0x20, 0x70)), NvmeStatus.InvalidField),
        Admin("Get Features: select", 0, random => Entry(0x0A, 7 | ((uint)random.Next(4, 8) << 8)), NvmeStatus.InvalidField),
        Admin("Set Features: identifier", 0, random => Entry(0x09, (uint)random.Next(0x20, 0x70)), NvmeStatus.InvalidField),
        Admin("Set Features: save", 0, _ => Entry(0x09, 7 | (1u << 31), 0x00010001), NvmeStatus.FeatureIdentifierNotSaveable),
        Admin("Set Features: data for one without", 4096, _ => Entry(0x09, 7, 0x00010001), NvmeStatus.DataSglLengthInvalid),
        Admin("Abort with data", 0, _ => Entry(0x08, 1), NvmeStatus.Success),
        new("one asynchronous event request too many", Ready, TooManyEventRequests),
    ];

    private static Injury Admin(string name, int length, Func<Random, byte[]> create, params NvmeStatus[] statuses) => new(name, Ready, session =>
    {
        byte[] entry = create(session.Random);
        BinaryPrimitives.WriteUInt16LittleEndian(entry.AsSpan(2), session.NextCommandId());
        BinaryPrimitives.WriteUInt32LittleEndian(entry.AsSpan(32), (uint)length);
        return DescriptorInjuries.Command(session, entry, [], statuses);
    });

    private static byte[] Entry(byte opcode, uint dword10, uint dword11 = 0, uint nsid = 0)
    {
        byte[] entry = Wire.Entry(opcode, 0, nsid: nsid);
        BinaryPrimitives.WriteUInt32LittleEndian(entry.AsSpan(40), dword10);
        BinaryPrimitives.WriteUInt32LittleEndian(entry.AsSpan(44), dword11);
        return entry;
    }

    private static byte[] Log(int page, int length, ulong offset)
    {
        uint dwords = length < 0 ? uint.MaxValue : (uint)((length / 4) - 1);
        byte[] entry = Entry(0x02, (uint)page | (dwords << 16), dwords >> 16, nsid: 0xFFFF_FFFF);
        BinaryPrimitives.WriteUInt64LittleEndian(entry.AsSpan(48), offset);
        return entry;
    }

    private static Expectation TooManyEventRequests(HostileSession session)
    {
        ushort last = 0;
        for (int i = 0; i <= 4; i++)
        {
            last = session.NextCommandId();
            session.Send(session.Capsule(Wire.Entry(0x0C, last, nsid: 0)));
        }

        return Expectation.Status(last, NvmeStatus.AsynchronousEventRequestLimitExceeded);
    }
}
