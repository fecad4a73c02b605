using System.Buffers.Binary;

namespace Nvmf.Transport.Rdma.QueuePairs;

/// <summary>RDMA_CM_REJECT private data: RECFMT, STS; 4 bytes.</summary>
internal static class RejectPrivateData
{
    public const int Size = 4;

    public static void Write(Span<byte> destination, RejectReason reason)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(destination, 0);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[2..], (ushort)reason);
    }

    public static bool TryRead(ReadOnlySpan<byte> source, out RejectReason reason)
    {
        reason = default;
        if (source.Length < Size || BinaryPrimitives.ReadUInt16LittleEndian(source) != 0)
        {
            return false;
        }

        reason = (RejectReason)BinaryPrimitives.ReadUInt16LittleEndian(source[2..]);
        return reason != 0;
    }
}
