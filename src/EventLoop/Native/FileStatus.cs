using System.Runtime.InteropServices;

namespace Nvmf.EventLoop.Native;

/// <summary>The part of <c>struct statx</c> (256 bytes, the same on every architecture) that is used here.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct FileStatus
{
    private const ushort TypeMask = 0xF000;

    [FieldOffset(28)]
    public ushort Mode;

    [FieldOffset(40)]
    public long Size;

    /// <summary>Allocated units of 512 bytes.</summary>
    [FieldOffset(48)]
    public long Blocks;

    public readonly bool IsRegularFile => (Mode & TypeMask) == 0x8000;

    public readonly bool IsDirectory => (Mode & TypeMask) == 0x4000;

    public readonly bool IsBlockDevice => (Mode & TypeMask) == 0x6000;
}
