using System.Runtime.InteropServices;
using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Transport.Tcp.Pdu;

/// <summary>Response capsule, 24 bytes.</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
internal struct CapsuleRespPdu
{
    public const int Size = 24;
    public const int EntryOffset = 8;

    [FieldOffset(0)]
    public PduCommonHeader Common;

    [FieldOffset(EntryOffset)]
    public CompletionQueueEntry Entry;
}
