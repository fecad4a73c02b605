using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;
using Nvmf.Transport.Tcp.Pdu;
using Nvmf.Transport.Tcp.Tests.QueuePairs;

namespace Nvmf.Hostile.Tests.Client;

/// <summary>The way of a session through its stages, and whether it is still well.</summary>
internal sealed partial class HostileSession
{
    public const int TransferLength = 20480;
    private const int FirstPart = 4096;
    private const ushort Busy = 0x181;

    /// <summary>Only a hang reaches it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public Stage Stage { get; private set; }

    public ushort ControllerId { get; private set; } = 0xFFFF;

    /// <summary>The open transfer of <see cref="Stage.Transfer"/>.</summary>
    public Sent? ReadyToTransfer { get; private set; }

    public byte[] TransferData { get; private set; } = [];

    public uint Transferred => FirstPart;

    public static byte[] Text(int length, Random random)
    {
        byte[] bytes = new byte[length];
        random.NextBytes(bytes);
        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[i] &= 0x7F;
        }

        return bytes;
    }

    public static byte[] ConnectData(string subsystem = World.SubsystemNqn, string host = World.HostNqn, ushort controller = 0xFFFF)
    {
        byte[] data = new byte[1024];
        data.AsSpan(0, 16).Fill(0x11);
        BinaryPrimitives.WriteUInt16LittleEndian(data.AsSpan(16), controller);
        Encoding.ASCII.GetBytes(subsystem).CopyTo(data, 256);
        Encoding.ASCII.GetBytes(host).CopyTo(data, 512);
        return data;
    }

    public static byte[] Property(ushort commandId, bool set, uint offset, ulong value = 0, bool wide = false)
    {
        byte[] entry = Wire.Entry(0x7F, commandId, nsid: set ? 0u : 4u);
        entry[40] = wide ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt32LittleEndian(entry.AsSpan(44), offset);
        BinaryPrimitives.WriteUInt64LittleEndian(entry.AsSpan(48), value);
        return entry;
    }

    /// <summary>Read, Write and the like: SLBA and NLB.</summary>
    public static byte[] Blocks(byte opcode, ushort commandId, ulong lba, int blocks, byte sgl = 0x5A, uint? length = null, uint nsid = 1)
    {
        byte[] entry = Wire.Entry(opcode, commandId, sgl, length ?? (uint)(blocks * World.BlockSize), nsid: nsid, lba: lba);
        BinaryPrimitives.WriteUInt16LittleEndian(entry.AsSpan(48), (ushort)(blocks - 1));
        return entry;
    }

    public HostileSession Reach(Stage stage, ushort controllerId = 0xFFFF, ushort queueId = 0, string subsystem = World.SubsystemNqn, string host = World.HostNqn)
    {
        Stage = stage;
        if (stage == Stage.Fresh)
        {
            return this;
        }

        Handshake();
        if (stage == Stage.Handshaken)
        {
            return this;
        }

        Connect(queueId, controllerId, subsystem, host);
        if (stage == Stage.Ready)
        {
            Enable();
        }

        if (stage == Stage.Transfer)
        {
            BeginTransfer();
        }

        return this;
    }

    /// <summary>The session can do what it could before. An injury answered with a status harms nothing else.</summary>
    public void AssertWell()
    {
        switch (Stage)
        {
            case Stage.Handshaken:
                Connect(0, 0xFFFF, World.SubsystemNqn, World.HostNqn);
                break;
            case Stage.Connected:
                MustDo(Property(NextCommandId(), set: false, 0x08));
                break;
            case Stage.Ready:
                ReadPages();
                break;
            case Stage.Transfer:
                FinishTransfer();
                goto case Stage.InputOutput;
            case Stage.InputOutput:
                AssertReservedBlocks(World.ReservedStart + Random.Next(World.ReservedCount - 8), 8);
                break;
        }
    }

    public void AssertReservedBlocks(int lba, int count)
    {
        byte[] data = MustDo(Blocks(Wire.Read, NextCommandId(), (ulong)lba, count)).Data;
        if (data.Length != count * World.BlockSize)
        {
            throw new HostileException($"{data.Length} bytes came for {count} blocks.");
        }

        for (int i = 0; i < data.Length; i++)
        {
            if (data[i] != World.Stamp(lba + (i / World.BlockSize), i % World.BlockSize))
            {
                throw new HostileException($"Block {lba + (i / World.BlockSize)} has changed.");
            }
        }
    }

    public void WriteReservedBlocks()
    {
        byte[] data = new byte[World.ReservedCount * World.BlockSize];
        for (int i = 0; i < data.Length; i++)
        {
            data[i] = World.Stamp(World.ReservedStart + (i / World.BlockSize), i % World.BlockSize);
        }

        MustDo(Blocks(Wire.Write, NextCommandId(), World.ReservedStart, World.ReservedCount), data: data);
    }

    /// <summary>Pages that the target makes in its buffers: where bytes that are not its own would show.</summary>
    private void ReadPages()
    {
        byte[] identify = Wire.Entry(0x06, NextCommandId(), length: 4096, nsid: 1);
        identify[40] = Random.GetItems<byte>([0x00, 0x01, 0x02, 0x03, 0x06, 0x08, 0x13], 1)[0];
        if (identify[40] is 0x01 or 0x06 or 0x13 or 0x02)
        {
            identify.AsSpan(4, 4).Clear();
        }

        int length = MustDo(identify).Data.Length;
        byte[] log = Wire.Entry(0x02, NextCommandId(), length: 4096, nsid: 0xFFFF_FFFF);
        log[40] = Random.GetItems<byte>([0x01, 0x02, 0x03, 0x05], 1)[0];
        BinaryPrimitives.WriteUInt16LittleEndian(log.AsSpan(42), 1023);
        if (length != 4096 || MustDo(log).Data.Length != 4096)
        {
            throw new HostileException("Part of a page came.");
        }
    }

    private void Handshake()
    {
        byte digests = (byte)Random.Next(4);
        byte alignment = (byte)(Random.Next(4) == 0 ? Random.Next(32) : 0);
        Send(Wire.ICReq(digests, alignment));
        Sent response = Receive() ?? throw new HostileException("No ICResp.");
        if (response.Type != 1 || response.Bytes[11] != digests)
        {
            throw new HostileException("Not the ICResp that was asked for.");
        }

        ToController = new PduFraming((digests & 1) != 0, (digests & 2) != 0, 4);
        ToHost = new PduFraming((digests & 1) != 0, (digests & 2) != 0, (alignment + 1) * 4);
    }

    private void Connect(ushort queueId, ushort controllerId, string subsystem, string host)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            byte[] entry = Wire.ConnectEntry(NextCommandId(), queueId, sqsize: 15);
            Answer answer = Do(entry, ConnectData(subsystem, host, controllerId));
            if (answer.Code == 0)
            {
                ControllerId = (ushort)answer.Result;
                return;
            }

            // The queue pair that had the identifier before may still be on its way out.
            if (answer.Code != Busy || Stopwatch.GetElapsedTime(start) > Patience)
            {
                throw new HostileException($"Connect got status {answer.Code:X3}, result {answer.Result:X}.");
            }

            Thread.Sleep(1);
        }
    }

    private void Enable()
    {
        MustDo(Property(NextCommandId(), set: true, 0x14, 0x460001));
        long start = Stopwatch.GetTimestamp();
        while ((MustDo(Property(NextCommandId(), set: false, 0x1C)).Result & 1) == 0)
        {
            if (Stopwatch.GetElapsedTime(start) > Patience)
            {
                throw new HostileException("The controller does not become ready.");
            }
        }
    }

    private void BeginTransfer()
    {
        TransferData = Text(TransferLength, Random);
        Send(Capsule(Blocks(Wire.Write, NextCommandId(), 16, TransferLength / World.BlockSize)));
        ReadyToTransfer = Receive();
        if (ReadyToTransfer is not { Type: 9, Offset: 0, Length: TransferLength })
        {
            throw new HostileException("Not the R2T of the write.");
        }

        Send(HostData(0, FirstPart, last: false));
    }

    private void FinishTransfer()
    {
        for (int offset = FirstPart; offset < TransferLength; offset += World.MaxHostToControllerData)
        {
            int length = Math.Min(World.MaxHostToControllerData, TransferLength - offset);
            Send(HostData(offset, length, offset + length == TransferLength));
        }

        if (ReceiveAnswer(ReadyToTransfer!.CommandId) is not { Code: 0 })
        {
            throw new HostileException("The write beside the injury failed.");
        }
    }

    /// <summary>A part of the open transfer.</summary>
    public byte[] HostData(int offset, int length, bool last) => Wire.H2CData(
        ReadyToTransfer!.CommandId, ReadyToTransfer.TransferTag, (uint)offset, TransferData.AsSpan(offset, length), last, ToController);
}
