using System.Buffers.Binary;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Hostile.Tests.Client;
using Nvmf.Transport.Tcp.Tests.QueuePairs;

namespace Nvmf.Hostile.Tests.Injuries;

/// <summary>Fabrics commands with wrong fields, and at the wrong time.</summary>
internal static class FabricsInjuries
{
    private static readonly Stage[] BeforeConnect = [Stage.Handshaken];
    private static readonly Stage[] Admin = [Stage.Connected, Stage.Ready];
    private static readonly Stage[] AfterConnect = [Stage.Connected, Stage.Ready, Stage.InputOutput, Stage.Transfer];

    // Property Get and Set, authentication, Disconnect, and types that do not exist.
    private static readonly byte[] TypesButConnect = [0x00, 0x04, 0x05, 0x06, 0x08, 0x02, 0x7F, 0xC0, 0xFF];

    public static readonly Injury[] All =
    [
        Connect("RECFMT", (entry, _, random) => Set16(entry, 40, random.Next(1, 0x10000)), NvmeStatus.ConnectIncompatibleFormat),
        Connect("SQSIZE", (entry, _, random) => Set16(entry, 44, random.Next(2) == 0 ? 0 : random.Next(0x8000, 0x10000)), NvmeStatus.ConnectInvalidParameters),
        Connect("QID of no controller", (entry, _, random) => Set16(entry, 42, random.Next(1, 0x10000)), NvmeStatus.ConnectInvalidParameters),
        Connect("CNTLID", (_, data, random) => Set16(data, 16, random.Next(0xFFFF)), NvmeStatus.ConnectInvalidParameters),
        Connect("SUBNQN", (_, data, random) => data[256 + random.Next(20)] ^= 1, NvmeStatus.ConnectInvalidParameters),
        Connect("SUBNQN without end", (_, data, _) => data.AsSpan(256, 256).Fill((byte)'a'), NvmeStatus.ConnectInvalidParameters),
        Connect("HOSTNQN without end", (_, data, _) => data.AsSpan(512, 256).Fill((byte)'a'), NvmeStatus.ConnectInvalidParameters),
        Connect("HOSTNQN not UTF-8", (_, data, _) => data[512] = 0xFF, NvmeStatus.ConnectInvalidParameters, NvmeStatus.ConnectInvalidHost),
        Connect("host of another", (_, data, random) => data[512 + random.Next(20)] ^= 1, NvmeStatus.ConnectInvalidHost),
        Connect("subsystem of another", (_, data, _) => HostileSession.ConnectData(World.NeighbourSubsystemNqn).CopyTo(data, 0), NvmeStatus.ConnectInvalidHost),
        Connect("SGL length", (entry, _, random) => BinaryPrimitives.WriteUInt32LittleEndian(entry.AsSpan(32), Numbers.Other(random, 1024)), NvmeStatus.DataSglLengthInvalid),
        Connect("SGL type", (entry, _, _) => entry[39] = 0x40, NvmeStatus.SglDescriptorTypeInvalid),
        Connect("PSDT", (entry, _, _) => entry[1] = 0, NvmeStatus.InvalidField),
        new("Connect with half of its data", BeforeConnect, session => Command(session, Short(session), new byte[512], NvmeStatus.DataSglLengthInvalid)),
        new("command before Connect", BeforeConnect, CommandBeforeConnect),
        new("fabrics command before Connect", BeforeConnect, session =>
            Command(session, Fabrics(session, TypesButConnect[session.Random.Next(TypesButConnect.Length)]), [], NvmeStatus.CommandSequenceError)),
        new("second Connect", AfterConnect, session =>
            Command(session, Wire.ConnectEntry(session.NextCommandId()), HostileSession.ConnectData(), NvmeStatus.CommandSequenceError)),
        new("fabrics type", AfterConnect, session => Command(
            session, Fabrics(session, session.Random.Next(2) == 0 ? (byte)session.Random.Next(9, 256) : (byte)session.Random.Next(2, 4)), [], NvmeStatus.InvalidOpcode, NvmeStatus.InvalidField)),
        new("authentication", AfterConnect, session =>
            Command(session, Fabrics(session, (byte)session.Random.Next(5, 7)), [], NvmeStatus.InvalidOpcode, NvmeStatus.InvalidField, NvmeStatus.CommandSequenceError)),
        new("Property Get: offset", Admin, session =>
            Command(session, HostileSession.Property(session.NextCommandId(), false, Numbers.Other(session.Random, 8) | 0x100), [], NvmeStatus.InvalidField)),
        new("Property Get: size", Admin, session =>
            Command(session, HostileSession.Property(session.NextCommandId(), false, 0x08, wide: true), [], NvmeStatus.InvalidField)),
        new("Property Set: offset", Admin, session => Command(
            session, HostileSession.Property(session.NextCommandId(), true, session.Random.Next(2) == 0 ? 0x1Cu : (uint)session.Random.Next(), (ulong)session.Random.NextInt64()), [], NvmeStatus.InvalidField)),
        new("Property Set: size", Admin, session =>
            Command(session, HostileSession.Property(session.NextCommandId(), true, 0x14, 0x460001, wide: true), [], NvmeStatus.InvalidField)),
        new("Property commands on an I/O queue", [Stage.InputOutput, Stage.Transfer], session =>
            Command(session, HostileSession.Property(session.NextCommandId(), session.Random.Next(2) == 0, 0x14, 1), [], NvmeStatus.InvalidOpcode, NvmeStatus.InvalidField)),
        new("admin command before the controller is enabled", [Stage.Connected], AdminBeforeEnable),
    ];

    private static Injury Connect(string name, Action<byte[], byte[], Random> injure, params NvmeStatus[] statuses) => new($"Connect: {name}", BeforeConnect, session =>
    {
        byte[] entry = Wire.ConnectEntry(session.NextCommandId());
        byte[] data = HostileSession.ConnectData();
        injure(entry, data, session.Random);
        return Command(session, entry, data, statuses);
    });

    private static byte[] Short(HostileSession session)
    {
        byte[] entry = Wire.ConnectEntry(session.NextCommandId());
        BinaryPrimitives.WriteUInt32LittleEndian(entry.AsSpan(32), 512);
        return entry;
    }

    private static byte[] Fabrics(HostileSession session, byte type)
    {
        byte[] entry = Wire.Entry(0x7F, session.NextCommandId(), nsid: type);
        entry[40] = (byte)session.Random.Next(2);
        return entry;
    }

    private static Expectation CommandBeforeConnect(HostileSession session)
    {
        byte opcode = (byte)session.Random.Next(0x7F);
        bool takesData = (opcode & 3) is 1 or 2;
        return Command(session, Wire.Entry(opcode, session.NextCommandId(), length: takesData ? 4096u : 0), [], NvmeStatus.CommandSequenceError);
    }

    private static Expectation AdminBeforeEnable(HostileSession session)
    {
        byte[] opcodes = [0x02, 0x06, 0x09, 0x0A, 0x0C];
        byte opcode = opcodes[session.Random.Next(opcodes.Length)];
        return Command(session, Wire.Entry(opcode, session.NextCommandId(), length: opcode is 0x02 or 0x06 ? 4096u : 0), [], NvmeStatus.CommandSequenceError);
    }

    private static Expectation Command(HostileSession session, byte[] entry, byte[] data, params NvmeStatus[] statuses) =>
        DescriptorInjuries.Command(session, entry, data, statuses);

    private static void Set16(byte[] bytes, int offset, int value) => BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(offset), (ushort)value);
}
