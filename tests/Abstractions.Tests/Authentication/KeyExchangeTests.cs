using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Nvmf.Abstractions.Authentication;
using Xunit.Abstractions;

namespace Nvmf.Abstractions.Tests.Authentication;

public class KeyExchangeTests(ITestOutputHelper output)
{
    /// <summary>SHA-256 of each prime as OpenSSL 3.0 has it (`openssl genpkey -algorithm DH -pkeyopt group:ffdhe2048`), big endian.</summary>
    [Theory]
    [InlineData(DhChapGroup.Ffdhe2048, 2048, "9cd3b7f336872f46c09428d1bbc19877a4d440512cda8d1c1cf0cd6e33698966")]
    [InlineData(DhChapGroup.Ffdhe3072, 3072, "0eaf67db3a839156d5013494a5318a772b5697d270d721f37f092efc69ea5a17")]
    [InlineData(DhChapGroup.Ffdhe4096, 4096, "4648414224ac881b3d0dc59b466f96d06a558278776807797ecf1f66ff397b3e")]
    [InlineData(DhChapGroup.Ffdhe6144, 6144, "227ac9066b3ddd9e193670cda2388fa884f65ba0cf98b742d1fe77a6687c79c7")]
    [InlineData(DhChapGroup.Ffdhe8192, 8192, "770b14efaf6f049929c523113b3fa99a8d11dab1b18af3609590122075d19833")]
    public void The_primes_are_those_of_OpenSSL(DhChapGroup id, int bits, string digest)
    {
        FiniteFieldGroup group = FiniteFieldGroup.Get(id);
        byte[] prime = group.Prime.ToByteArray(isUnsigned: true, isBigEndian: true);
        Assert.Equal(bits / 8, prime.Length);
        Assert.Equal(bits / 8, group.Length);
        Assert.Equal(digest, Convert.ToHexStringLower(SHA256.HashData(prime)));
    }

    [Theory]
    [InlineData(DhChapGroup.Ffdhe2048)]
    [InlineData(DhChapGroup.Ffdhe3072)]
    [InlineData(DhChapGroup.Ffdhe4096)]
    [InlineData(DhChapGroup.Ffdhe6144)]
    [InlineData(DhChapGroup.Ffdhe8192)]
    public void Two_sides_have_one_key_and_it_is_the_power(DhChapGroup id)
    {
        FiniteFieldGroup group = FiniteFieldGroup.Get(id);
        using var one = new DhKeyExchange(group);
        using var other = new DhKeyExchange(group);
        Assert.NotEqual(one.PublicValue, other.PublicValue);
        var keyOfOne = new byte[group.Length];
        var keyOfOther = new byte[group.Length];
        Assert.True(one.TryDerive(other.PublicValue, keyOfOne));
        Assert.True(other.TryDerive(one.PublicValue, keyOfOther));
        Assert.Equal(keyOfOne, keyOfOther);

        // The same once more, by .NET's arithmetic: with an exponent that is known.
        var exponent = new BigInteger(0x1234_5678_9ABC_DEF1);
        byte[] value = ToBytes(BigInteger.ModPow(2, exponent, group.Prime), group.Length);
        Assert.True(one.TryDerive(value, keyOfOne));
        var expected = BigInteger.ModPow(new BigInteger(one.PublicValue, isUnsigned: true, isBigEndian: true), exponent, group.Prime);
        Assert.Equal(ToBytes(expected, group.Length), keyOfOne);
    }

    [Fact]
    public void Values_that_are_no_use_are_refused()
    {
        FiniteFieldGroup group = FiniteFieldGroup.Get(DhChapGroup.Ffdhe2048);
        using var exchange = new DhKeyExchange(group);
        var key = new byte[group.Length];
        BigInteger p = group.Prime;
        foreach (BigInteger bad in new[] { 0, 1, p - 1, p, p + 1, (BigInteger.One << 2048) - 1 })
        {
            Assert.False(exchange.TryDerive(ToBytes(bad, group.Length), key), $"{bad}");
        }

        Assert.False(exchange.TryDerive(exchange.PublicValue, key));
        Assert.False(exchange.TryDerive([], key));
        Assert.False(exchange.TryDerive(new byte[group.Length - 1], key));
        Assert.False(exchange.TryDerive([0, .. ToBytes(2, group.Length)], key));
        Assert.True(exchange.TryDerive(ToBytes(2, group.Length), key));
        Assert.True(exchange.TryDerive(ToBytes(p - 2, group.Length), key));
    }

    [Fact]
    public void Powers_are_those_of_BigInteger()
    {
        int seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (int i = 0; i < 400; i++)
        {
            int words = random.Next(1, 9);
            BigInteger modulus = Number(random, words) | BigInteger.One | (BigInteger.One << ((64 * words) - 1));
            BigInteger value = Number(random, words) % modulus;
            BigInteger exponent = Number(random, random.Next(1, 4));
            AssertPower(modulus, value, exponent, words);
        }
    }

    [Fact]
    public void Powers_at_the_edges()
    {
        const int Words = 3;
        BigInteger all = (BigInteger.One << (64 * Words)) - 1;
        foreach (BigInteger modulus in new[] { all, (BigInteger.One << ((64 * Words) - 1)) + 1, all - (BigInteger.One << 64), all - 2 })
        {
            foreach (BigInteger value in new[] { 0, 1, 2, modulus - 1, modulus - 2, modulus >> 1 })
            {
                foreach (BigInteger exponent in new[] { 0, 1, 2, 15, 16, (BigInteger.One << 128) - 1 })
                {
                    AssertPower(modulus, value, exponent, Words);
                }
            }
        }
    }

    private static void AssertPower(BigInteger modulus, BigInteger value, BigInteger exponent, int words)
    {
        var result = new ulong[words];
        new MontgomeryField(modulus).Power(ToWords(value, words), ToWords(exponent, 4), result);
        var actual = new BigInteger(MemoryMarshal.AsBytes(result.AsSpan()), isUnsigned: true);
        Assert.True(BigInteger.ModPow(value, exponent, modulus) == actual, $"{value} ^ {exponent} mod {modulus} is not {actual}");
    }

    // Words of ones and of zeroes are where carries go wrong.
    private static BigInteger Number(Random random, int words)
    {
        var bytes = new byte[words * 8];
        random.NextBytes(bytes);
        for (int i = 0; i < words; i++)
        {
            Span<byte> word = bytes.AsSpan(i * 8, 8);
            switch (random.Next(4))
            {
                case 0:
                    word.Fill(0xFF);
                    break;
                case 1:
                    word.Clear();
                    break;
            }
        }

        return new BigInteger(bytes, isUnsigned: true);
    }

    private static ulong[] ToWords(BigInteger value, int words)
    {
        var bytes = new byte[words * 8];
        Assert.True(value.TryWriteBytes(bytes, out _, isUnsigned: true));
        return MemoryMarshal.Cast<byte, ulong>(bytes).ToArray();
    }

    private static byte[] ToBytes(BigInteger value, int length)
    {
        byte[] bytes = value.ToByteArray(isUnsigned: true, isBigEndian: true);
        return bytes.Length > length ? bytes : [.. new byte[length - bytes.Length], .. bytes];
    }
}
