using System.Buffers.Binary;
using Nvmf.Transport.Tcp.Pdu;
using Nvmf.Transport.Tcp.Tests.QueuePairs;

namespace Nvmf.Hostile.Tests.Client;

/// <summary>
/// A host that keeps to the protocol until an injury does not. Looks into every byte it gets for such as are not its own.
/// </summary>
internal sealed partial class HostileSession(World world, HostWire wire, Random random) : IDisposable
{
    // The low bytes of the pool's poison, as they lie in memory. Nothing that a session writes has a byte above 7Fh.
    private static readonly byte[] PoisonMark = [0xEF, 0xBE, 0xAD, 0xDE];
    private ushort _lastCommandId = (ushort)random.Next(0x1000);

    public World World { get; } = world;

    public Random Random { get; } = random;

    public PduFraming ToController { get; private set; } = PduFraming.Handshake;

    public PduFraming ToHost { get; private set; } = PduFraming.Handshake;

    public ushort NextCommandId() => ++_lastCommandId;

    /// <summary>Sends in pieces of random size: a target must not care where a read ends.</summary>
    public void Send(byte[] pdu)
    {
        int largest = Random.Next(4) switch { 0 => 1, 1 => 64, _ => int.MaxValue };
        if (largest == 1 && pdu.Length > 300)
        {
            largest = 300;
        }

        for (int position = 0; position < pdu.Length;)
        {
            int part = largest == int.MaxValue ? pdu.Length : Math.Min(Random.Next(1, largest + 1), pdu.Length - position);
            wire.Send(pdu.AsSpan(position, part));
            position += part;
        }
    }

    public Sent? Receive()
    {
        if (wire.ReceivePdu() is not { } pdu)
        {
            return null;
        }

        if (pdu.AsSpan().IndexOf(PoisonMark) >= 0)
        {
            throw new HostileException("Bytes of a free buffer were sent.");
        }

        if (pdu.AsSpan().IndexOf(World.NeighbourMark) >= 0)
        {
            throw new HostileException("Bytes of another connection were sent.");
        }

        return Sent.Parse(pdu, ToHost)[0];
    }

    /// <summary>Receives until a completion comes, and gives the target the data it asks for meanwhile.</summary>
    public Answer? ReceiveAnswer(ushort commandId, byte[]? data = null)
    {
        byte[] received = [];
        while (Receive() is { } pdu)
        {
            switch (pdu.Type)
            {
                case 3: throw new HostileException($"A termination request, FES {pdu.FatalErrorStatus}, FEI {pdu.FatalErrorInformation}.");
                case 7 when pdu.CommandId == commandId: received = [.. received, .. pdu.Data]; break;
                case 9 when pdu.CommandId == commandId && data is not null: SendData(pdu, data); break;
                case 5 when pdu.ResponseCommandId == commandId:
                    return new Answer(commandId, pdu.Status, BinaryPrimitives.ReadUInt64LittleEndian(pdu.Bytes.AsSpan(8)), received);
                case 5: break;
                default: throw new HostileException($"PDU type {pdu.Type} is not expected here.");
            }
        }

        return null;
    }

    public byte[] Capsule(byte[] entry, ReadOnlySpan<byte> data = default) => Wire.CapsuleCmd(entry, data, ToController);

    /// <summary>A command of the kind that goes well.</summary>
    public Answer Do(byte[] entry, byte[]? inCapsule = null, byte[]? data = null)
    {
        Send(Capsule(entry, inCapsule));
        return ReceiveAnswer(BinaryPrimitives.ReadUInt16LittleEndian(entry.AsSpan(2)), data) ?? throw new HostileException("The stream ended instead of an answer.");
    }

    public Answer MustDo(byte[] entry, byte[]? inCapsule = null, byte[]? data = null)
    {
        Answer answer = Do(entry, inCapsule, data);
        return answer.Code == 0 ? answer : throw new HostileException($"A correct command (opcode {entry[0]:X2}) got status {answer.Code:X3}.");
    }

    public void SendSlowly(byte value) => wire.Send([value]);

    public void End() => wire.End();

    public void Dispose() => wire.Dispose();

    private void SendData(Sent request, byte[] data)
    {
        int offset = (int)request.Offset, end = offset + (int)request.Length;
        while (offset < end)
        {
            int part = Math.Min(end - offset, World.MaxHostToControllerData);
            Send(Wire.H2CData(request.CommandId, request.TransferTag, (uint)offset, data.AsSpan(offset, part), offset + part == end, ToController));
            offset += part;
        }
    }
}
