using System.Runtime.Intrinsics.X86;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Nvmf.Transport.Tcp.Pdu;

namespace Nvmf.Transport.Tcp.Tests.Pdu;

public class Crc32CTests
{
    public static TheoryData<byte[], uint> KnownVectors => new()
    {
        // RFC 3720, B.4, and the check value of the CRC catalogue.
        { Encoding.ASCII.GetBytes("123456789"), 0xE3069283 },
        { new byte[32], 0x8A9136AA },
        { [.. Enumerable.Repeat((byte)0xFF, 32)], 0x62A8AB43 },
        { [.. Enumerable.Range(0, 32).Select(i => (byte)i)], 0x46DD794E },
        { [.. Enumerable.Range(0, 32).Select(i => (byte)(31 - i))], 0x113FDB5C },
        { [], 0 },
    };

    [Theory]
    [MemberData(nameof(KnownVectors))]
    public void Gives_the_published_values(byte[] data, uint expected) => Assert.Equal(expected, Crc32C.Compute(data));

    [Fact]
    public void Every_length_up_to_5000_equals_the_bitwise_reference_in_every_implementation()
    {
        byte[] data = RandomBytes(5000 + 64, seed: 1);
        uint reference = uint.MaxValue;
        for (int length = 0; length <= 5000; length++)
        {
            ReadOnlySpan<byte> slice = data.AsSpan(0, length);
            foreach ((string name, Implementation update) in Implementations())
            {
                Assert.True(reference == update(uint.MaxValue, slice), $"{name}, length {length}");
            }

            reference = BitwiseStep(reference, data[length]);
        }
    }

    [Fact]
    public void Any_alignment_and_any_split_give_the_same_digest()
    {
        Prop.ForAll(
            Gen.Choose(0, 20000).ToArbitrary(),
            Gen.Choose(0, 63).ToArbitrary(),
            Gen.Choose(0, int.MaxValue).ToArbitrary(),
            (length, alignment, seed) =>
            {
                byte[] data = RandomBytes(length + alignment, seed);
                ReadOnlySpan<byte> slice = data.AsSpan(alignment, length);
                uint expected = Bitwise(slice);
                var random = new Random(seed);
                uint digest = 0;
                for (int position = 0; position < length;)
                {
                    int part = random.Next(1, length - position + 1);
                    digest = Crc32C.Append(digest, slice.Slice(position, part));
                    position += part;
                }

                return digest == expected && Crc32C.Compute(slice) == expected;
            }).QuickCheckThrowOnFailure();
    }

    private delegate uint Implementation(uint state, ReadOnlySpan<byte> data);

    private static IEnumerable<(string Name, Implementation Update)> Implementations()
    {
        yield return ("chosen", (state, data) => ~Crc32C.Append(~state, data));
        yield return ("serial", Crc32C.UpdateSerial);
        if (Crc32C.CanInterleave)
        {
            yield return ("interleaved", Crc32C.UpdateInterleaved);
        }

        if (Pclmulqdq.V512.IsSupported)
        {
            yield return ("folding", (state, data) => data.Length >= 256 ? Crc32C.UpdateFolding(state, data) : Crc32C.UpdateSerial(state, data));
        }
    }

    private static byte[] RandomBytes(int length, int seed)
    {
        byte[] data = new byte[length];
        new Random(seed).NextBytes(data);
        return data;
    }

    private static uint Bitwise(ReadOnlySpan<byte> data)
    {
        uint state = uint.MaxValue;
        foreach (byte value in data)
        {
            state = BitwiseStep(state, value);
        }

        return ~state;
    }

    private static uint BitwiseStep(uint state, byte value)
    {
        state ^= value;
        for (int bit = 0; bit < 8; bit++)
        {
            state = (state & 1) != 0 ? (state >> 1) ^ 0x82F63B78 : state >> 1;
        }

        return state;
    }
}
