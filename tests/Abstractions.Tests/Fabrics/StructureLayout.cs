using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Nvmf.Abstractions.Tests.Fabrics;

/// <summary>Finds where a field really is: sets all its bits in a zeroed structure and looks which bytes changed.</summary>
internal sealed class StructureLayout<T>
    where T : unmanaged
{
    public StructureLayout(int size) => Assert.Equal(size, Unsafe.SizeOf<T>());

    public void Expect(string name, int offset, int size)
    {
        FieldInfo field = typeof(T).GetField(name) ?? throw new ArgumentException(name);
        byte[] bytes = (byte[])typeof(StructureLayout<T>)
            .GetMethod(nameof(BytesWithAllOnes), BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(field.FieldType)
            .Invoke(null, [field])!;

        byte[] expected = new byte[bytes.Length];
        expected.AsSpan(offset, size).Fill(0xFF);
        Assert.True(bytes.AsSpan().SequenceEqual(expected), $"{typeof(T).Name}.{name} is not at bytes {offset}..{offset + size - 1}.");
    }

    private static byte[] BytesWithAllOnes<TField>(FieldInfo field)
        where TField : unmanaged
    {
        Span<byte> ones = new byte[Unsafe.SizeOf<TField>()];
        ones.Fill(0xFF);
        object boxed = default(T);
        field.SetValue(boxed, MemoryMarshal.Read<TField>(ones));
        byte[] result = new byte[Unsafe.SizeOf<T>()];
        MemoryMarshal.Write(result, (T)boxed);
        return result;
    }
}
