using System.Runtime.CompilerServices;

namespace Nvmf.Abstractions.Fabrics;

/// <summary>
/// Supported Log Pages, 1024 bytes (log page 00h): one entry of 32 bits per log page identifier; bit 0 is LSUPP, bit 1 is IOS (an index
/// offset is supported), bits 31:16 are specific to the page.
/// </summary>
[InlineArray(256)]
public struct SupportedLogPages
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 1024;

    /// <summary>LSUPP.</summary>
    public const uint Supported = 1;

    private uint _first;
}
