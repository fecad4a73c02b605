using System.Security.Cryptography;
using Nvmf.Abstractions.Authentication;

namespace Nvmf.Abstractions.Tests.Authentication;

// Secrets and derived keys were computed with Python's hmac, base64 and zlib.
public class DhChapSecretTests
{
    private const string HostNqn = "nqn.2014-08.org.nvmexpress:uuid:11111111-2222-3333-4444-555555555555";
    private const string Good = "DHHC-1:01:ISgvNj1ES1JZYGdudXyDipGYn6attLvCydDX3uXs8/rmV109:";

    [Theory]
    [InlineData("DHHC-1:00:ICcuNTxDSlFYX2ZtdHuCiZCXnqWss7rByM/W3eTr8vmMpzdS:", null, "20272e353c434a51585f666d747b828990979ea5acb3bac1c8cfd6dde4ebf2f9")]
    [InlineData(Good, DhChapHash.Sha256, "28205c3028f1c06c90a5a28ddad3353f603b19ea68e46ae44e8930775725fe32")]
    [InlineData(
        "DHHC-1:02:MjlAR05VXGNqcXh/ho2Um6KpsLe+xczT2uHo7/b9BAsSGSAnLjU8Q0pRWF9mbXR7YYoqlA==:",
        DhChapHash.Sha384,
        "9182d11687e334fd90f725630cfde29d9b8e77f39b03f16d82fccc6c39beeca40b9dad4a64f45abd98d4ef9707b4d3c4")]
    [InlineData(
        "DHHC-1:03:Q0pRWF9mbXR7gomQl56lrLO6wcjP1t3k6/L5AAcOFRwjKjE4P0ZNVFtiaXB3foWMk5qhqK+2vcTL0tng5+71/Fd6cmg=:",
        DhChapHash.Sha512,
        "5a8031ed759ad2d1e43ea15a671fc918a6d26167b1efb0976639452130d6f99b55f64cdbf299093ff5dc38da7f9a9675b9deb41a416befaf74cc2ff054934eb6")]
    [InlineData(
        "DHHC-1:01:QUhPVl1ka3J5gIeOlZyjqrG4v8bN1Nvi6fD3/gUMExohKC82PURLUllgZ251fIOKkZifpq20u8LJ0Nfe5ezz+sfqZi0=:",
        DhChapHash.Sha256,
        "ef7123cf1f7e126326fa95b3bd309e652f1f69e9cca2b666ed402673e68bd0d5")]
    public void A_secret_is_read_and_transformed(string text, DhChapHash? transformation, string derived)
    {
        using DhChapSecret secret = DhChapSecret.Parse(text);
        Assert.Equal(transformation, secret.Transformation);
        var key = new byte[DhChapSecret.MaxLength];
        int length = secret.Derive(HostNqn, key);
        Assert.Equal(derived, Convert.ToHexStringLower(key.AsSpan(0, length)));
        using DhChapSecret copy = secret.Copy();
        secret.Dispose();
        Assert.Equal(length, copy.Derive(HostNqn, key));
        Assert.Equal(derived, Convert.ToHexStringLower(key.AsSpan(0, length)));
    }

    [Theory]
    [InlineData("", "has the form")]
    [InlineData("secret", "has the form")]
    [InlineData("DHHC-1:01", "has the form")]
    [InlineData("dhhc-1:01:ISgvNj1ES1JZYGdudXyDipGYn6attLvCydDX3uXs8/rmV109:", "has the form")]
    [InlineData("DHHC-2:01:ISgvNj1ES1JZYGdudXyDipGYn6attLvCydDX3uXs8/rmV109:", "has the form")]
    [InlineData(" DHHC-1:01:ISgvNj1ES1JZYGdudXyDipGYn6attLvCydDX3uXs8/rmV109:", "has the form")]
    [InlineData("DHHC-1:04:ISgvNj1ES1JZYGdudXyDipGYn6attLvCydDX3uXs8/rmV109:", "begins with")]
    [InlineData("DHHC-1:1:ISgvNj1ES1JZYGdudXyDipGYn6attLvCydDX3uXs8/rmV109:", "has the form")]
    [InlineData("DHHC-1:11:ISgvNj1ES1JZYGdudXyDipGYn6attLvCydDX3uXs8/rmV109:", "begins with")]
    [InlineData("DHHC-1:01:ISgvNj1ES1JZYGdudXyDipGYn6attLvCydDX3uXs8/rmV109", "colon")]
    [InlineData("DHHC-1:01:ISgvNj1ES1JZYGdudXyDipGYn6attLvCydDX3uXs8/rmV109:\n", "colon")]
    [InlineData("DHHC-1:01:ISgvNj1ES1JZYGdudXyDip:GYn6attLvCydDX3uXs8/rmV109:", "colon")]
    [InlineData("DHHC-1:01:ISgvNj1ES1JZYGdudXyDip GYn6attLvCydDX3uXs8/rmV109:", "not base64")]
    [InlineData("DHHC-1:01:ISgvNj1ES1JZYGdudXyDip#GYn6attLvCydDX3uXs8/rmV109:", "not base64")]
    [InlineData("DHHC-1:01:ISgvNj1ES1JZYGdudXyDipGYn6attLvCydDX3uXs8/rmV10:", "not base64")]
    [InlineData("DHHC-1:01:ISgvNj1ES1JZYGdudXyDipGYn6attLvCydDX3uXs8/r5:", "32, 48 or 64 bytes")]
    [InlineData("DHHC-1:01::", "32, 48 or 64 bytes")]
    [InlineData("DHHC-1:01:IsgvNj1ES1JZYGdudXyDipGYn6attLvCydDX3uXs8/rmV109:", "checksum")]
    [InlineData(
        "DHHC-1:01:QUhPVl1ka3J5gIeOlZyjqrG4v8bN1Nvi6fD3/gUMExohKC82PURLUllgZ251fIOKkZifpq20u8LJ0Nfe5ezz+sfqZi0QUhPVl1ka3J5gIeOlZyjqrG4v8bN1Nvi6fD3=:", "too long")]
    public void What_is_none_is_refused_with_one_sentence_that_does_not_repeat_it(string text, string expected)
    {
        Assert.False(DhChapSecret.TryParse(text, out DhChapSecret? secret, out string? error));
        Assert.Null(secret);
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.EndsWith(".", error, StringComparison.Ordinal);
        Assert.DoesNotContain("ISgvNj1", error, StringComparison.Ordinal);
        Assert.Equal(error, Assert.Throws<FormatException>(() => DhChapSecret.Parse(text)).Message);
    }

    [Fact]
    public void Any_injured_character_is_noticed()
    {
        for (int i = 0; i < Good.Length; i++)
        {
            foreach (char other in "A9+:=x\0é")
            {
                // 0, 1, 2 and 3 are all transformations.
                string injured = Good[..i] + other + Good[(i + 1)..];
                if (injured != Good)
                {
                    Assert.False(DhChapSecret.TryParse(injured, out _, out string? error), $"'{other}' at {i}");
                    Assert.NotEmpty(error!);
                }
            }
        }
    }

    [Fact]
    public void A_secret_tells_nobody_its_key_and_nothing_after_its_end()
    {
        DhChapSecret secret = DhChapSecret.Parse(Good);
        Assert.Equal("DHHC-1:01:...:", secret.ToString());
        string[] readable = [.. typeof(DhChapSecret).GetProperties().Where(property => property.GetMethod!.IsPublic).Select(property => property.Name)];
        Assert.Equal([nameof(DhChapSecret.Transformation)], readable);
        secret.Dispose();
        secret.Dispose();
        Assert.Throws<ObjectDisposedException>(() => secret.Derive(HostNqn, new byte[64]));
        Assert.Throws<ObjectDisposedException>(secret.Copy);
    }

    [Fact]
    public void A_disposed_secret_is_overwritten()
    {
        DhChapSecret secret = DhChapSecret.Parse(Good);
        var key = (byte[])typeof(DhChapSecret).GetField("_key", System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Instance)!.GetValue(secret)!;
        Assert.Equal(32, key.Length);
        Assert.Contains(key, value => value != 0);
        secret.Dispose();
        Assert.DoesNotContain(key, value => value != 0);
    }

    [Fact]
    public void A_secret_comes_from_a_file_a_variable_or_itself()
    {
        string path = Path.Combine(Path.GetTempPath(), $"nvmf-secret-{Guid.NewGuid():N}");
        string variable = $"NVMF_TEST_{Guid.NewGuid():N}";
        Environment.SetEnvironmentVariable(variable, Good);
        File.WriteAllText(path, $"  {Good}\n");
        try
        {
            foreach (string source in new[] { $"file:{path}", $"env:{variable}", Good })
            {
                Assert.True(DhChapSecretSource.TryRead(source, out DhChapSecret? secret, out string? error), error);
                Assert.Equal(DhChapHash.Sha256, secret.Transformation);
                Assert.Equal(source == Good, DhChapSecretSource.IsInline(source));
            }

            File.WriteAllText(path, Good[..^3] + "x:");
            Environment.SetEnvironmentVariable(variable, Good[..^3] + "x:");
            AssertRefused($"file:{path}", path);
            AssertRefused($"env:{variable}", variable);
            File.WriteAllText(path, new string(' ', 5000) + Good);
            AssertRefused($"file:{path}", "too long");
            AssertRefused($"file:{path}.missing", "cannot be read");
            AssertRefused($"file:", "cannot be read");
            AssertRefused($"env:{variable}x", "no environment variable");
            AssertRefused("env:", "no environment variable");
        }
        finally
        {
            File.Delete(path);
            Environment.SetEnvironmentVariable(variable, null);
        }
    }

    [Fact]
    public void Derived_keys_belong_to_their_owner()
    {
        using DhChapSecret secret = DhChapSecret.Parse(Good);
        var one = new byte[32];
        var other = new byte[32];
        secret.Derive(HostNqn, one);
        secret.Derive(HostNqn + "6", other);
        Assert.False(CryptographicOperations.FixedTimeEquals(one, other));
    }

    private static void AssertRefused(string source, string expected)
    {
        Assert.False(DhChapSecretSource.TryRead(source, out _, out string? error));
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.DoesNotContain("ISgvNj1", error, StringComparison.Ordinal);
    }
}
