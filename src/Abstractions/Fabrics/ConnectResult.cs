namespace Nvmf.Abstractions.Fabrics;

/// <summary>Dword 0 of the completion of Connect (NVMe Base, Connect Response).</summary>
public static class ConnectResult
{
    /// <summary>Authentication transaction required (AUTHREQ.ATR), bit 17.</summary>
    public const uint AuthenticationTransactionRequired = 1u << 17;

    /// <summary>Authentication and secure channel required (AUTHREQ.ASCR), bit 18.</summary>
    public const uint SecureChannelRequired = 1u << 18;

    /// <summary>Success: controller identifier in 15:0, authentication requirements above.</summary>
    public static uint Success(ushort controllerId, uint authenticationRequirements = 0) => controllerId | authenticationRequirements;

    /// <summary>Connect Invalid Parameters: a byte of the submission queue entry is wrong (IATTR 0).</summary>
    public static uint InvalidCommandByte(int offset) => (ushort)offset;

    /// <summary>Connect Invalid Parameters: a byte of the data is wrong (IATTR 1).</summary>
    public static uint InvalidDataByte(int offset) => (1u << 16) | (ushort)offset;
}
