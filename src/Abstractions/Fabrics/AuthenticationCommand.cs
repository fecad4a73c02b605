using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Nvmf.Abstractions.Fabrics;

/// <summary>
/// Authentication Send and Authentication Receive, as a view of a submission queue entry (NVMe Base, Fabrics Command Set). Their messages are those of a security protocol.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = SubmissionQueueEntry.Size)]
public struct AuthenticationCommand
{
    /// <summary>SECP of authentication messages of NVMe.</summary>
    public const byte NvmeSecurityProtocol = 0xE9;

    /// <summary>SPSP0 and SPSP1 of authentication messages.</summary>
    public const byte AuthenticationSpecific = 0x01;

    /// <summary>SP Specific 0 (SPSP0).</summary>
    [FieldOffset(41)]
    public byte Specific0;

    /// <summary>SP Specific 1 (SPSP1).</summary>
    [FieldOffset(42)]
    public byte Specific1;

    /// <summary>Security protocol (SECP).</summary>
    [FieldOffset(43)]
    public byte SecurityProtocol;

    /// <summary>Bytes to transfer: the transfer length (TL) of Send, the allocation length (AL) of Receive.</summary>
    [FieldOffset(44)]
    public uint Length;

    /// <summary>SECP, SPSP0 and SPSP1 are those of authentication messages.</summary>
    public readonly bool IsAuthentication =>
        SecurityProtocol == NvmeSecurityProtocol && Specific0 == AuthenticationSpecific && Specific1 == AuthenticationSpecific;

    /// <summary>The entry, seen as this command.</summary>
    public static ref readonly AuthenticationCommand Of(ref readonly SubmissionQueueEntry entry) =>
        ref Unsafe.As<SubmissionQueueEntry, AuthenticationCommand>(ref Unsafe.AsRef(in entry));

    /// <summary>The entry, seen as this command, for writing.</summary>
    public static ref AuthenticationCommand Edit(ref SubmissionQueueEntry entry) =>
        ref Unsafe.As<SubmissionQueueEntry, AuthenticationCommand>(ref entry);
}
