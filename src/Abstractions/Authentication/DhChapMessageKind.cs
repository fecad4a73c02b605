namespace Nvmf.Abstractions.Authentication;

/// <summary>AUTH_TYPE in the low byte, AUTH_ID in the high one (NVMe Base, authentication messages).</summary>
internal enum DhChapMessageKind : ushort
{
    Negotiate = 0x0000,
    Failure2 = 0xF000,
    Failure1 = 0xF100,
    Challenge = 0x0101,
    Reply = 0x0201,
    Success1 = 0x0301,
    Success2 = 0x0401,
}
