using System.Buffers.Binary;

namespace Nvmf.Transport.Rdma.QueuePairs;

/// <summary>RDMA_CM_REQUEST private data, 32 bytes (NVMe/RDMA transport).</summary>
/// <param name="QueueId">QID.</param>
/// <param name="HostReceiveQueueSize">HRQSIZE: receives the host posts, that is responses it takes.</param>
/// <param name="HostSubmissionQueueSize">HSQSIZE + 1: commands it may have outstanding.</param>
/// <param name="ControllerId">CNTLID; 0 from hosts of older specifications.</param>
internal readonly record struct ConnectPrivateData(ushort QueueId, int HostReceiveQueueSize, int HostSubmissionQueueSize, ushort ControllerId)
{
    public const int Size = 32;

    /// <summary>Reads and checks. Adapters pad with zeros, so more than 32 bytes may come.</summary>
    /// <returns>Null, or why to reject.</returns>
    public static RejectReason? Read(ReadOnlySpan<byte> source, int maxQueueSize, out ConnectPrivateData data)
    {
        data = default;
        if (source.Length < Size)
        {
            return RejectReason.InvalidPrivateDataLength;
        }

        if (BinaryPrimitives.ReadUInt16LittleEndian(source) != 0)
        {
            return RejectReason.InvalidRecordFormat;
        }

        // HSQSIZE is 0-based.
        data = new ConnectPrivateData(
            BinaryPrimitives.ReadUInt16LittleEndian(source[2..]),
            BinaryPrimitives.ReadUInt16LittleEndian(source[4..]),
            BinaryPrimitives.ReadUInt16LittleEndian(source[6..]) + 1,
            BinaryPrimitives.ReadUInt16LittleEndian(source[8..]));
        return data.HostSubmissionQueueSize < 2 || data.HostSubmissionQueueSize > maxQueueSize ? RejectReason.InvalidHostSubmissionQueueSize
            : data.HostReceiveQueueSize == 0 ? RejectReason.InvalidHostReceiveQueueSize
            : null;
    }

    public void Write(Span<byte> destination)
    {
        destination[..Size].Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(destination[2..], QueueId);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[4..], (ushort)HostReceiveQueueSize);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[6..], (ushort)(HostSubmissionQueueSize - 1));
        BinaryPrimitives.WriteUInt16LittleEndian(destination[8..], ControllerId);
    }
}
