using System.Runtime.InteropServices;

namespace Nvmf.Abstractions.Authentication;

/// <summary>
/// The first bytes of every authentication message (NVMe Base, authentication messages): 8 of Negotiate, Failure1 and Failure2, 16 of the others. Then come
/// <code>
/// Negotiate  NAPD descriptors of 64 bytes: AuthID 1, HALEN, DHLEN, hash identifiers from byte 4 on, group identifiers from byte 34 on
/// Challenge  C1 (HL bytes), DH value (DHVLEN bytes)
/// Reply      R1 (HL), C2 (HL), DH value (DHVLEN)
/// Success1   R2 (HL)
/// </code>
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
internal struct DhChapMessage
{
    public const int Size = 16;

    /// <summary>Size of Negotiate without its descriptors, and of failures.</summary>
    public const int ShortSize = 8;

    public const int DescriptorSize = 64;

    /// <summary>AuthID of DH-HMAC-CHAP in a descriptor.</summary>
    public const byte ProtocolIdentifier = 1;

    /// <summary>Offset of the hash identifiers in a descriptor.</summary>
    public const int HashListOffset = 4;

    /// <summary>Offset of the group identifiers in a descriptor.</summary>
    public const int GroupListOffset = 34;

    /// <summary>Longest list of identifiers in a descriptor.</summary>
    public const int MaxListLength = 30;

    /// <summary>Reason code of failures: authentication failed; the explanation says why.</summary>
    public const byte FailedReasonCode = 1;

    [FieldOffset(0)]
    public DhChapMessageKind Kind;

    /// <summary>T_ID.</summary>
    [FieldOffset(4)]
    public ushort TransactionId;

    /// <summary>HL of Challenge, Reply and Success1.</summary>
    [FieldOffset(6)]
    public byte HashLength;

    /// <summary>SC_C of Negotiate.</summary>
    [FieldOffset(6)]
    public byte SecureChannel;

    /// <summary>Reason code of failures.</summary>
    [FieldOffset(6)]
    public byte ReasonCode;

    /// <summary>NAPD of Negotiate.</summary>
    [FieldOffset(7)]
    public byte DescriptorCount;

    /// <summary>Reason code explanation of failures.</summary>
    [FieldOffset(7)]
    public DhChapFailureReason Reason;

    /// <summary>HashID of Challenge.</summary>
    [FieldOffset(8)]
    public byte Hash;

    /// <summary>CVALID of Reply: bit 0 says that the host wants the controller to prove itself.</summary>
    [FieldOffset(8)]
    public byte ChallengeValid;

    /// <summary>RVALID of Success1: bit 0 says that R2 is there.</summary>
    [FieldOffset(8)]
    public byte ResponseValid;

    /// <summary>DHgID of Challenge.</summary>
    [FieldOffset(9)]
    public byte Group;

    /// <summary>DHVLEN of Challenge and Reply.</summary>
    [FieldOffset(10)]
    public ushort GroupValueLength;

    /// <summary>S1 of Challenge, S2 of Reply.</summary>
    [FieldOffset(12)]
    public uint Sequence;
}
