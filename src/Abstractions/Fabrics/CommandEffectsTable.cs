using System.Runtime.CompilerServices;

namespace Nvmf.Abstractions.Fabrics;

/// <summary>256 entries, one per opcode, of the Commands Supported and Effects log page.</summary>
[InlineArray(256)]
public struct CommandEffectsTable
{
    private CommandEffects _first;
}
