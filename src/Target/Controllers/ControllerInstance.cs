using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Nvmf.Target.Controllers;

/// <summary>Names one association, where a controller identifier names many over time (NVMe Base 2.3, Identify Controller).</summary>
/// <param name="Uniquifier">CIU.</param>
/// <param name="RandomNumber">CIRN, never 0.</param>
internal readonly record struct ControllerInstance(byte Uniquifier, ulong RandomNumber)
{
    /// <summary>The one after this; 0 is no uniquifier.</summary>
    public ControllerInstance Next()
    {
        Span<byte> random = stackalloc byte[sizeof(ulong)];
        RandomNumberGenerator.Fill(random);
        return new((byte)((Uniquifier % byte.MaxValue) + 1), Math.Max(1, BinaryPrimitives.ReadUInt64LittleEndian(random)));
    }
}
