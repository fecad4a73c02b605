using System.Buffers.Binary;

namespace Nvmf.Transport.Rdma.QueuePairs;

/// <summary>RDMA_CM_ACCEPT private data: RECFMT, CRQSIZE; 32 bytes.</summary>
internal static class AcceptPrivateData
{
    public const int Size = 32;

    public static void Write(Span<byte> destination, int controllerReceiveQueueSize)
    {
        destination[..Size].Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(destination[2..], (ushort)controllerReceiveQueueSize);
    }

    /// <returns>False when it is not there or of another format.</returns>
    public static bool TryRead(ReadOnlySpan<byte> source, out int controllerReceiveQueueSize)
    {
        bool valid = source.Length >= 4 && BinaryPrimitives.ReadUInt16LittleEndian(source) == 0;
        controllerReceiveQueueSize = valid ? BinaryPrimitives.ReadUInt16LittleEndian(source[2..]) : 0;
        return valid && controllerReceiveQueueSize > 0;
    }
}
