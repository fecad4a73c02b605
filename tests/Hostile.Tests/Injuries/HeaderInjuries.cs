using System.Buffers.Binary;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Hostile.Tests.Client;
using Nvmf.Transport.Tcp.Tests.QueuePairs;

namespace Nvmf.Hostile.Tests.Injuries;

/// <summary>The common header and the digests of the capsule that would come next.</summary>
internal static class HeaderInjuries
{
    private static readonly Stage[] Anywhere = [Stage.Handshaken, Stage.Connected, Stage.Ready, Stage.InputOutput, Stage.Transfer];

    public static readonly Injury[] All =
    [
        Capsule("type unknown", (pdu, random) => pdu[0] = (byte)random.Next(10, 256), (1, 0)),
        Capsule("type 8", (pdu, _) => pdu[0] = 8, (1, 0)),
        Capsule("type of a controller", (pdu, random) => pdu[0] = (byte)((random.Next(5) * 2) + 1), (1, 0)),
        Capsule("undefined flag", (pdu, random) => pdu[1] |= (byte)(4 << random.Next(6)), (1, 1)),
        Capsule("HDGSTF not as agreed", (pdu, _) => pdu[1] ^= 1, (1, 1)),
        Capsule("DDGSTF not as agreed", (pdu, _) => pdu[1] ^= 2, (1, 1)),
        Capsule("HLEN", (pdu, random) => pdu[2] = (byte)(72 ^ (1 << random.Next(8))), (1, 2)),
        Capsule("PDO without data", (pdu, random) => pdu[3] = (byte)random.Next(1, 72), (1, 3)),
        Capsule("PLEN too short", (pdu, random) => BinaryPrimitives.WriteUInt32LittleEndian(pdu.AsSpan(4), (uint)random.Next(72)), (1, 4)),
        Capsule("PLEN too long", (pdu, random) => BinaryPrimitives.WriteUInt32LittleEndian(pdu.AsSpan(4), uint.MaxValue - (uint)random.Next(1 << 30)), (1, 1), (1, 3), (1, 4)),
        WithData("PDO in the header", (pdu, random) => pdu[3] = (byte)random.Next(72), (1, 3)),
        WithData("PDO not aligned", (pdu, random) => pdu[3] += (byte)random.Next(1, 4), (1, 3)),
        WithData("PDO behind the end", (pdu, random) => pdu[3] = (byte)(200 + (random.Next(13) * 4)), (1, 3)),
        WithData("no room for data", NoRoom, (1, 1), (1, 4)),
        WithData("more data than a transfer may have", (pdu, _) => BinaryPrimitives.WriteUInt32LittleEndian(pdu.AsSpan(4), 0x7FFF_FFFF), (1, 4)),
        new("header digest", Anywhere, WrongHeaderDigest),
        new("data digest", [Stage.Handshaken], WrongDataDigest),
        new("a controller's PDU", Anywhere, ControllersPdu),
        new("data that nobody asked for", [Stage.Handshaken, Stage.Connected, Stage.Ready, Stage.InputOutput], UnsolicitedData),
        new("half a capsule, then the end", Anywhere, HalfACapsule),
    ];

    private static Injury Capsule(string name, Action<byte[], Random> injure, params (int Fes, uint? Fei)[] answers) =>
        new($"capsule: {name}", Anywhere, session => Inflict(session, session.Capsule(Wire.Entry(Wire.Flush, session.NextCommandId())), injure, answers));

    private static Injury WithData(string name, Action<byte[], Random> injure, params (int Fes, uint? Fei)[] answers) =>
        new($"capsule with data: {name}", Anywhere, session =>
            Inflict(session, session.Capsule(Wire.Entry(Wire.Write, session.NextCommandId(), sglType: 1, length: 64), new byte[64]), injure, answers));

    private static Expectation Inflict(HostileSession session, byte[] pdu, Action<byte[], Random> injure, (int Fes, uint? Fei)[] answers)
    {
        byte length = pdu[2];
        injure(pdu, session.Random);

        // A liar who computes digests gets past them.
        if (session.ToController.HeaderDigest && pdu[2] == length)
        {
            Wire.SealHeader(pdu);
        }

        session.Send(pdu);
        return Expectation.OneOf(pdu, answers);
    }

    /// <summary>The data digest alone, or not even the whole header.</summary>
    private static void NoRoom(byte[] pdu, Random random)
    {
        uint length = (pdu[1] & 2) != 0 ? pdu[3] + 4u : (uint)random.Next(72);
        BinaryPrimitives.WriteUInt32LittleEndian(pdu.AsSpan(4), length);
    }

    private static Expectation WrongHeaderDigest(HostileSession session)
    {
        byte[] pdu = session.Capsule(Wire.Entry(Wire.Flush, session.NextCommandId()));
        if (!session.ToController.HeaderDigest)
        {
            // Nothing to get wrong: a flag that was not agreed on.
            pdu[1] |= 1;
            session.Send(pdu);
            return Expectation.Termination(pdu, 1, 1);
        }

        pdu[session.Random.Next(8, 76)] ^= (byte)(1 << session.Random.Next(8));
        session.Send(pdu);
        return Expectation.Termination(pdu, 3, BinaryPrimitives.ReadUInt32LittleEndian(pdu.AsSpan(72)));
    }

    private static Expectation WrongDataDigest(HostileSession session)
    {
        ushort commandId = session.NextCommandId();
        byte[] pdu = session.Capsule(Wire.ConnectEntry(commandId), HostileSession.ConnectData());
        if (!session.ToController.DataDigest)
        {
            pdu = session.Capsule(Wire.ConnectEntry(commandId), HostileSession.ConnectData("nqn.2025-06.test:nobody"));
            session.Send(pdu);
            return Expectation.Status(commandId, NvmeStatus.ConnectInvalidParameters);
        }

        pdu[session.Random.Next(pdu.Length - 1028, pdu.Length)] ^= (byte)(1 << session.Random.Next(8));
        session.Send(pdu);
        return Expectation.Status(commandId, NvmeStatus.TransientTransportError);
    }

    private static Expectation ControllersPdu(HostileSession session)
    {
        byte[] pdu = session.Random.Next(4) switch
        {
            0 => Wire.R2T(1, 2, 0, 4096, session.ToController),
            1 => Wire.C2HData(1, 0, new byte[64], framing: session.ToController),
            2 => Wire.CapsuleResp(1, framing: session.ToController),
            _ => Wire.ICResp(),
        };
        session.Send(pdu);
        return Expectation.Termination(pdu, 1, 0);
    }

    private static Expectation UnsolicitedData(HostileSession session)
    {
        byte[] pdu = Wire.H2CData(
            (ushort)session.Random.Next(0x10000), (ushort)session.Random.Next(0x10000), 0, HostileSession.Text(session.Random.Next(1, 4096), session.Random), true, session.ToController);
        session.Send(pdu);
        return Expectation.Termination(pdu, 1, 10);
    }

    private static Expectation HalfACapsule(HostileSession session)
    {
        byte[] pdu = session.Capsule(Wire.Entry(Wire.Write, session.NextCommandId(), sglType: 1, length: 4096), new byte[4096]);
        session.Send(pdu[..session.Random.Next(1, pdu.Length)]);
        session.End();
        return Expectation.Silence;
    }
}
