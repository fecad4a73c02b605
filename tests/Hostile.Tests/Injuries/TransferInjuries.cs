using System.Buffers.Binary;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Hostile.Tests.Client;
using Nvmf.Transport.Tcp.Tests.QueuePairs;

namespace Nvmf.Hostile.Tests.Injuries;

/// <summary>H2CData for a write that the target asked the data for, and what else may happen meanwhile.</summary>
internal static class TransferInjuries
{
    private static readonly Stage[] Transfer = [Stage.Transfer];

    public static readonly Injury[] All =
    [
        Data("TTAG", (pdu, random) => Set16(pdu, 10, (ushort)(Get16(pdu, 10) ^ random.Next(1, 0x10000))), 1, 10),
        Data("CCCID", (pdu, random) => Set16(pdu, 8, (ushort)(Get16(pdu, 8) ^ random.Next(1, 0x10000))), 1, 8),
        Data("DATAO before", (pdu, _) => Set32(pdu, 12, 0), 2, 0),
        Data("DATAO behind", (pdu, _) => Set32(pdu, 12, Get32(pdu, 12) + 512), 2, 0),
        Data("DATAO far behind", (pdu, random) => Set32(pdu, 12, uint.MaxValue - (uint)random.Next(0x10000)), 4, 0),
        Data("DATAL zero", (pdu, _) => Set32(pdu, 16, 0), 1, 16),
        Data("DATAL wrong", (pdu, random) => Set32(pdu, 16, Get32(pdu, 16) ^ (uint)(1 << random.Next(12))), 1, 16),
        Data("DATAL huge", (pdu, random) => Set32(pdu, 16, uint.MaxValue - (uint)random.Next()), 5, 0),
        Data("LAST too early", (pdu, _) => pdu[1] |= 4, 2, 0),
        Data("undefined flag", (pdu, random) => pdu[1] |= (byte)(8 << random.Next(5)), 1, 1),
        Data("HLEN", (pdu, random) => pdu[2] = (byte)(24 ^ (1 << random.Next(8))), 1, 2),
        Data("PDO", (pdu, random) => pdu[3] = (byte)random.Next(24), 1, 3),
        new("H2CData: LAST missing", Transfer, LastMissing),
        new("H2CData: longer than MAXH2CDATA", Transfer, LongerThanAllowed),
        new("H2CData: beyond the end", Transfer, BeyondTheEnd),
        new("H2CData: data digest", Transfer, WrongDataDigest),
        new("H2CData: after the end of the transfer", Transfer, StaleTag),
        new("H2CData: half of it, then the end", Transfer, Half),
        new("identifier of a command in flight", Transfer, DuplicateCommandId),
        new("more commands than entries", [Stage.InputOutput], MoreThanEntries),
        new("reset of the controller in a transfer", Transfer, session =>
        {
            session.End();
            return Expectation.Silence;
        }),
    ];

    private static Injury Data(string name, Action<byte[], Random> injure, int fes, uint fei) => new($"H2CData: {name}", Transfer, session =>
    {
        byte[] pdu = session.HostData((int)session.Transferred, 4096, last: false);
        byte length = pdu[2];
        injure(pdu, session.Random);
        if (session.ToController.HeaderDigest && pdu[2] == length)
        {
            Wire.SealHeader(pdu);
        }

        session.Send(pdu);
        return Expectation.Termination(pdu, fes, fei);
    });

    private static Expectation LastMissing(HostileSession session)
    {
        session.Send(session.HostData(4096, 8192, last: false));
        byte[] pdu = session.HostData(12288, 8192, last: false);
        session.Send(pdu);
        return Expectation.Termination(pdu, 2);
    }

    private static Expectation LongerThanAllowed(HostileSession session)
    {
        byte[] pdu = session.HostData(4096, 8192 + 4, last: false);
        session.Send(pdu);
        return Expectation.Termination(pdu, 5);
    }

    private static Expectation BeyondTheEnd(HostileSession session)
    {
        Sent ready = session.ReadyToTransfer!;
        byte[] pdu = Wire.H2CData(
            ready.CommandId, ready.TransferTag, HostileSession.TransferLength - 512, new byte[1024 + (4 * session.Random.Next(100))], true, session.ToController);
        session.Send(pdu);
        return Expectation.Termination(pdu, 4);
    }

    private static Expectation WrongDataDigest(HostileSession session)
    {
        byte[] first = session.HostData(4096, 8192, last: false);
        byte[] second = session.HostData(12288, 8192, last: true);
        if (session.ToController.DataDigest)
        {
            (session.Random.Next(2) == 0 ? first : second)[^(session.Random.Next(8192) + 1)] ^= 1;
        }

        session.Send(first);
        session.Send(second);
        Answer answer = session.ReceiveAnswer(session.ReadyToTransfer!.CommandId) ?? throw new HostileException("A data digest ended the connection.");
        int expected = session.ToController.DataDigest ? NvmeStatus.TransientTransportError.Value : 0;
        if (answer.Code != expected)
        {
            throw new HostileException($"Status {answer.Code:X3} instead of {expected:X3}.");
        }

        session.AssertReservedBlocks(World.ReservedStart, 8);
        return StaleData(session);
    }

    private static Expectation StaleTag(HostileSession session)
    {
        session.AssertWell();
        return StaleData(session);
    }

    private static Expectation StaleData(HostileSession session)
    {
        byte[] pdu = session.HostData(4096, 4096, last: false);
        session.Send(pdu);
        return Expectation.Termination(pdu, 1, 10);
    }

    private static Expectation Half(HostileSession session)
    {
        byte[] pdu = session.HostData(4096, 8192, last: false);
        session.Send(pdu[..session.Random.Next(1, pdu.Length)]);
        session.End();
        return Expectation.Silence;
    }

    private static Expectation DuplicateCommandId(HostileSession session)
    {
        ushort commandId = session.ReadyToTransfer!.CommandId;
        byte[] entry = session.Random.Next(3) switch
        {
            0 => HostileSession.Blocks(Wire.Read, commandId, 0, 1),
            1 => HostileSession.Blocks(Wire.Write, commandId, 0, 8),
            _ => HostileSession.Blocks(Wire.Write, commandId, 0, 8, sgl: 1),
        };
        session.Send(session.Capsule(entry, entry[39] == 1 ? new byte[4096] : []));
        return Expectation.Status(commandId, NvmeStatus.CommandIdConflict);
    }

    private static Expectation MoreThanEntries(HostileSession session)
    {
        byte[] pdu = [];
        for (int i = 0; i <= 16; i++)
        {
            pdu = session.Capsule(HostileSession.Blocks(Wire.Write, session.NextCommandId(), 0, 16));
            session.Send(pdu);
        }

        return Expectation.Termination(pdu, 2);
    }

    private static ushort Get16(byte[] pdu, int offset) => BinaryPrimitives.ReadUInt16LittleEndian(pdu.AsSpan(offset));

    private static uint Get32(byte[] pdu, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(pdu.AsSpan(offset));

    private static void Set16(byte[] pdu, int offset, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(pdu.AsSpan(offset), value);

    private static void Set32(byte[] pdu, int offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(pdu.AsSpan(offset), value);
}
