using System.Runtime.InteropServices;

namespace Nvmf.Abstractions.Fabrics;

/// <summary>IEEE organizationally unique identifier, 3 bytes, least significant byte first.</summary>
/// <param name="Low">Bits 7:0.</param>
/// <param name="Middle">Bits 15:8.</param>
/// <param name="High">Bits 23:16.</param>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct Oui(byte Low, byte Middle, byte High);
