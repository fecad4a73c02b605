using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;

namespace Nvmf.Transport.Tcp.Pdu;

/// <summary>Cuts the stream of bytes into PDUs: lengths, digests, and the way of the data to its buffer. The same for both ends.</summary>
/// <remarks>
/// <code>
///            ┌─────────────── no data, or all of it here: copied ──────────────┐
///            ▼                                                                 │
///         Header ──large data──► Data ──last byte──► DataDigest ──4 bytes──► (done)
///            │                 (ReceiveInto)              (when negotiated)    ▲
///            ├──refused data──► Skip ──last byte───────────────────────────────┘
///            └──fault, Stop()──► Stopped: everything is swallowed
/// </code>
/// A PDU with little data that is not all here stays unconsumed until it is: one copy of a few KiB costs less than a read of its own, and the batch stays whole.
/// </remarks>
internal sealed class PduReceiver(IOwnedMemoryConnectionFeature connection, IPduSink sink, bool isController, uint maxCapsuleData)
{
    // Well below the 64 KiB that may stay unconsumed.
    private const int SmallData = 16 << 10;

    private Stage _stage;
    private uint _skip;
    private BufferLease _destination;

    private enum Stage
    {
        Header,
        Data,
        DataDigest,
        Skip,
        Stopped,
    }

    /// <summary>What the handshake fixed for received PDUs.</summary>
    public PduFraming Framing { get; set; } = PduFraming.Handshake;

    /// <summary>Swallows everything from now on.</summary>
    public void Stop()
    {
        _stage = Stage.Stopped;
        _destination = default;
    }

    /// <summary>Handles as many PDUs as there are; returns the bytes consumed.</summary>
    public int Receive(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return ReceivePdus(bytes);
        }
#pragma warning disable CA1031 // The sink decides what whatever it threw means.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            sink.OnFailed(exception);
            return bytes.Length;
        }
    }

    /// <summary>The destination is full.</summary>
    public void ReceivedInto()
    {
        try
        {
            EndData();
        }
#pragma warning disable CA1031
        catch (Exception exception)
#pragma warning restore CA1031
        {
            sink.OnFailed(exception);
        }
    }

    private int ReceivePdus(ReadOnlySpan<byte> bytes)
    {
        int consumed = 0;
        while (consumed < bytes.Length)
        {
            int step = Step(bytes[consumed..]);
            if (step == 0)
            {
                break;
            }

            consumed += step;
        }

        return consumed;
    }

    private void EndData()
    {
        if (_stage != Stage.Data)
        {
            return;
        }

        if (Framing.DataDigest)
        {
            _stage = Stage.DataDigest;
            return;
        }

        _stage = Stage.Header;
        _destination = default;
        sink.OnData(digestMatches: true);
    }

    private int Step(ReadOnlySpan<byte> bytes)
    {
        switch (_stage)
        {
            case Stage.Header:
                return ReceivePdu(bytes);
            case Stage.DataDigest:
                return ReceiveDataDigest(bytes);
            case Stage.Skip:
                uint skipped = Math.Min(_skip, (uint)bytes.Length);
                _skip -= skipped;
                _stage = _skip == 0 ? Stage.Header : Stage.Skip;
                return (int)skipped;
            case Stage.Stopped:
                return bytes.Length;
            default:
                return 0;
        }
    }

    private int ReceivePdu(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < PduCommonHeader.Size)
        {
            return 0;
        }

        var common = MemoryMarshal.Read<PduCommonHeader>(bytes);
        PduFault fault = PduHeaderValidator.Validate(common, isController, Framing, maxCapsuleData);
        if (!fault.IsNone)
        {
            return Fail(fault, bytes[..PduCommonHeader.Size], bytes.Length);
        }

        // Handshake and termination requests never carry digests.
        bool plain = common.Type <= PduType.C2HTermReq;
        int headerSize = common.HeaderLength;
        int fullHeader = headerSize + (plain ? 0 : Framing.HeaderDigestSize);
        if (bytes.Length < fullHeader)
        {
            return 0;
        }

        ReadOnlySpan<byte> header = bytes[..headerSize];
        if (fullHeader != headerSize)
        {
            uint digest = BinaryPrimitives.ReadUInt32LittleEndian(bytes[headerSize..]);
            if (digest != Crc32C.Compute(header))
            {
                return Fail(PduFault.HeaderDigest(digest), header, bytes.Length);
            }
        }

        bool hasData = common.Length > (uint)fullHeader;
        uint dataLength = !hasData ? 0 : plain ? common.Length - (uint)headerSize : common.Length - common.DataOffset - (uint)Framing.DataDigestSize;
        fault = sink.Check(common, header, dataLength);
        if (!fault.IsNone)
        {
            return Fail(fault, header, bytes.Length);
        }

        if (hasData)
        {
            return ReceivePduWithData(common, header, dataLength, bytes);
        }

        return sink.Accept(common, header, 0, default, out _) == PduDataAction.Wait ? 0 : fullHeader;
    }

    private int ReceivePduWithData(in PduCommonHeader common, ReadOnlySpan<byte> header, uint dataLength, ReadOnlySpan<byte> bytes)
    {
        // A termination request has no PDO: what it quotes follows its header, whatever is in that byte.
        int dataOffset = common.Type <= PduType.C2HTermReq ? common.HeaderLength : common.DataOffset;
        bool complete = (uint)bytes.Length >= common.Length;
        if (!complete && (dataLength <= SmallData || bytes.Length < dataOffset))
        {
            return 0;
        }

        ReadOnlySpan<byte> data = complete ? bytes.Slice(dataOffset, (int)dataLength) : default;
        switch (sink.Accept(common, header, dataLength, data, out BufferLease destination))
        {
            case PduDataAction.Wait:
                return 0;

            case PduDataAction.Skip when !complete:
                if (_stage != Stage.Stopped)
                {
                    _stage = Stage.Skip;
                    _skip = common.Length - (uint)bytes.Length;
                }

                return bytes.Length;

            case PduDataAction.Keep:
                sink.OnData(Matches(data, bytes[(dataOffset + data.Length)..]));
                break;

            case PduDataAction.Store when complete:
                bool matches = Matches(data, bytes[(dataOffset + data.Length)..]);
                data.CopyTo(destination.Span);
                sink.OnData(matches);
                break;

            case PduDataAction.Store:
                _stage = Stage.Data;
                _destination = destination;
                connection.ReceiveInto(destination);
                return dataOffset;
        }

        return (int)common.Length;
    }

    private bool Matches(ReadOnlySpan<byte> data, ReadOnlySpan<byte> digest) =>
        !Framing.DataDigest || Crc32C.Compute(data) == BinaryPrimitives.ReadUInt32LittleEndian(digest);

    private int ReceiveDataDigest(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < PduFraming.DigestSize)
        {
            return 0;
        }

        bool matches = Crc32C.Compute(_destination.Span) == BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        _stage = Stage.Header;
        _destination = default;
        sink.OnData(matches);
        return PduFraming.DigestSize;
    }

    private int Fail(PduFault fault, ReadOnlySpan<byte> header, int length)
    {
        Stop();
        sink.OnFault(fault, header);
        return length;
    }
}
