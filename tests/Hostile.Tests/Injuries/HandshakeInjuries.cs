using System.Buffers.Binary;
using Nvmf.Hostile.Tests.Client;
using Nvmf.Transport.Tcp.Tests.QueuePairs;

namespace Nvmf.Hostile.Tests.Injuries;

/// <summary>Before and in place of ICReq.</summary>
internal static class HandshakeInjuries
{
    private static readonly Stage[] Fresh = [Stage.Fresh];

    public static readonly Injury[] All =
    [
        Request("PFV", (pdu, random) => BinaryPrimitives.WriteUInt16LittleEndian(pdu.AsSpan(8), (ushort)random.Next(1, 0x10000)), 6, 8),
        Request("HPDA", (pdu, random) => pdu[10] = (byte)random.Next(32, 256), 1, 10),
        Request("flags", (pdu, random) => pdu[1] = (byte)random.Next(1, 256), 1, 1),
        Request("HLEN", (pdu, random) => pdu[2] = (byte)random.Next(0, 128), 1, 2),
        Request("PDO", (pdu, random) => pdu[3] = (byte)random.Next(1, 256), 1, 3),
        Request("PLEN", (pdu, random) => BinaryPrimitives.WriteUInt32LittleEndian(pdu.AsSpan(4), Numbers.Other(random, 128)), 1, 4),
        Request("type unknown", (pdu, random) => pdu[0] = (byte)random.Next(10, 256), 1, 0),
        Request("type of a controller", (pdu, random) => pdu[0] = (byte)((random.Next(5) * 2) + 1), 1, 0),
        new("capsule instead of ICReq", Fresh, session => Send(session, Wire.CapsuleCmd(Wire.Entry(Wire.Read, 1)), 2, 0)),
        new("data instead of ICReq", Fresh, session => Send(session, Wire.H2CData(1, 2, 0, new byte[512]), 2, 0)),
        new("termination request instead of ICReq", Fresh, session => Silent(session, Wire.TermReq(2, 1, 0, new byte[8]))),
        new("half of ICReq, then the end", Fresh, session =>
        {
            session.Send(Wire.ICReq()[..session.Random.Next(1, 128)]);
            session.End();
            return Expectation.Silence;
        }),
        new("second ICReq", [Stage.Handshaken, Stage.Connected, Stage.Ready, Stage.InputOutput, Stage.Transfer], session => Send(session, Wire.ICReq(), 2, 0)),
        new("termination request", [Stage.Handshaken, Stage.Connected, Stage.Ready, Stage.InputOutput, Stage.Transfer], session =>
            Silent(session, Wire.TermReq(2, (ushort)session.Random.Next(8), (uint)session.Random.Next(), new byte[session.Random.Next(129)]))),
        new("termination request that is broken itself", [Stage.Handshaken, Stage.Connected, Stage.InputOutput, Stage.Transfer], session =>
        {
            byte[] pdu = Wire.TermReq(2, 1, 0, new byte[8]);
            pdu[session.Random.Next(2) == 0 ? 2 : 5] ^= 0x40;
            return Silent(session, pdu);
        }),
    ];

    private static Injury Request(string name, Action<byte[], Random> injure, int fes, uint fei) => new($"ICReq: {name}", Fresh, session =>
    {
        byte[] pdu = Wire.ICReq((byte)session.Random.Next(4));
        injure(pdu, session.Random);
        return Send(session, pdu, fes, fei);
    });

    private static Expectation Send(HostileSession session, byte[] pdu, int fes, uint fei)
    {
        session.Send(pdu);
        return Expectation.Termination(pdu, fes, fei);
    }

    private static Expectation Silent(HostileSession session, byte[] pdu)
    {
        session.Send(pdu);
        return Expectation.Silence;
    }
}
