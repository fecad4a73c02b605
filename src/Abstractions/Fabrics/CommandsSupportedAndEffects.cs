using System.Runtime.InteropServices;

namespace Nvmf.Abstractions.Fabrics;

/// <summary>Commands Supported and Effects, 4096 bytes (log page 05h).</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
public struct CommandsSupportedAndEffects
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 4096;

    /// <summary>Admin commands, indexed by opcode.</summary>
    [FieldOffset(0)]
    public CommandEffectsTable Admin;

    /// <summary>I/O commands, indexed by opcode.</summary>
    [FieldOffset(1024)]
    public CommandEffectsTable InputOutput;
}
