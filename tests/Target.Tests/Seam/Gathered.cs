using Nvmf.Abstractions.Buffers;

namespace Nvmf.Target.Tests.Seam;

/// <summary>Leases one behind the other.</summary>
internal static class Gathered
{
    public static byte[] Bytes(ReadOnlySpan<BufferLease> pieces)
    {
        List<byte> bytes = [];
        foreach (BufferLease piece in pieces)
        {
            bytes.AddRange(piece.Span);
        }

        return [.. bytes];
    }
}
