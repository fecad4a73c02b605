using System.Runtime.InteropServices;
using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Transport.Tcp.Pdu;

/// <summary>Command capsule, 72 bytes; in-capsule data may follow.</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
internal struct CapsuleCmdPdu
{
    public const int Size = 72;
    public const int EntryOffset = 8;

    [FieldOffset(0)]
    public PduCommonHeader Common;

    [FieldOffset(EntryOffset)]
    public SubmissionQueueEntry Entry;
}
