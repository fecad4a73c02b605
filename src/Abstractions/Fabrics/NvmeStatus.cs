namespace Nvmf.Abstractions.Fabrics;

/// <summary>
/// Status field of a completion without the phase tag: SC in bits 7:0, SCT in 10:8, CRD in 12:11, More in 13, Do Not Retry in 14
/// (NVMe Base, Status Field Definition).
/// </summary>
/// <param name="Value">The 15 bits.</param>
public readonly partial record struct NvmeStatus(ushort Value)
{
    private const ushort DoNotRetryBit = 1 << 14;

    /// <summary>Builds a status from its code type and code.</summary>
    public NvmeStatus(byte codeType, byte code, bool doNotRetry = false)
        : this((ushort)(((codeType & 7) << 8) | code | (doNotRetry ? DoNotRetryBit : 0)))
    {
    }

    /// <summary>Status code type (SCT).</summary>
    public byte CodeType => (byte)((Value >> 8) & 7);

    /// <summary>Status code (SC).</summary>
    public byte Code => (byte)Value;

    /// <summary>Do Not Retry (DNR).</summary>
    public bool DoNotRetry => (Value & DoNotRetryBit) != 0;

    /// <summary>SCT and SC are both zero.</summary>
    public bool IsSuccess => (Value & 0x7FF) == 0;

    /// <summary>The same status with Do Not Retry set.</summary>
    public NvmeStatus WithDoNotRetry() => new((ushort)(Value | DoNotRetryBit));
}
