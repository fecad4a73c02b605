namespace Nvmf.Abstractions.Fabrics;

public readonly partial record struct NvmeStatus
{
    /// <summary>
    /// The specification's name of this status, or a generic text for codes that it does not define. Codes 80h and up of SCT 1h depend on
    /// the command: both meanings are given; <see cref="Describe(bool)"/> chooses.
    /// </summary>
    public string Describe()
    {
        if (CodeType != 1 || Code < 0x80)
        {
            return Describe(fabricsCommand: false);
        }

        string? fabrics = DescribeFabrics(Code);
        string? nvm = DescribeNvmCommandSet(Code);
        return fabrics != null && nvm != null ? $"{fabrics}, or {nvm}" : fabrics ?? nvm ?? Describe(fabricsCommand: false);
    }

    /// <summary>The specification's name of this status, or a generic text for codes that it does not define.</summary>
    /// <param name="fabricsCommand">The command was a fabrics command (opcode 7Fh).</param>
    public string Describe(bool fabricsCommand) => CodeType switch
    {
        0 => DescribeGeneric(Code) ?? (Code >= 0xC0 ? "Vendor Specific Status" : "Unknown Generic Status"),
        1 => DescribeCommandSpecific(Code)
            ?? (fabricsCommand ? DescribeFabrics(Code) : DescribeNvmCommandSet(Code))
            ?? (Code >= 0xC0 ? "Vendor Specific Status" : "Unknown Command Specific Status"),
        2 => DescribeMedia(Code) ?? (Code >= 0xC0 ? "Vendor Specific Status" : "Unknown Media Error"),
        3 => DescribePath(Code) ?? (Code >= 0xC0 ? "Vendor Specific Status" : "Unknown Path Related Status"),
        7 => "Vendor Specific Status",
        _ => "Unknown Status",
    };

    /// <summary>Same SCT and SC, whatever CRD, More and DNR say.</summary>
    public bool IsSameCode(NvmeStatus other) => ((Value ^ other.Value) & 0x7FF) == 0;

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Describe()} (SCT {CodeType:X1}h SC {Code:X2}h{(DoNotRetry ? ", do not retry" : "")})";
}
