using System.Globalization;
using System.Text.Json;

namespace Nvmf.Interop.Lab;

/// <summary>What fio did.</summary>
/// <param name="WrittenBytes">Bytes written.</param>
/// <param name="ReadBytes">Bytes read, for verification or otherwise.</param>
/// <param name="Errors">The jobs' error numbers: an operation failed, or a block did not verify.</param>
public sealed record FioResult(long WrittenBytes, long ReadBytes, int Errors)
{
    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"fio wrote {WrittenBytes / 1048576.0:0.##} MiB, read {ReadBytes / 1048576.0:0.##} MiB, error {Errors}");
}

/// <summary>Runs of fio in the guest.</summary>
internal static class Fio
{
    /// <summary>Writes, reads back and compares. Fails unless all that was written was read back without an error.</summary>
    public static async Task<FioResult> VerifyAsync(Guest guest, string device, string options, TimeSpan? timeout = null)
    {
        FioResult result = Parse(await guest.RunAsync($"fio_verify {device} {options}", timeout ?? Patience.Long));
        AssertVerified(result);
        return result;
    }

    /// <summary>Fails unless all that was written was read back without an error.</summary>
    public static void AssertVerified(FioResult result)
    {
        Assert.Equal(0, result.Errors);
        Assert.True(result.WrittenBytes > 0, $"{result}");
        Assert.True(result.ReadBytes >= result.WrittenBytes, $"{result}");
    }

    /// <summary>Reads the JSON that is in an output; fio may print warnings before it.</summary>
    public static FioResult Parse(string output)
    {
        int start = output.IndexOf("\n{", StringComparison.Ordinal) + 1;
        int end = output.LastIndexOf("\n}", StringComparison.Ordinal) + 2;
        Assert.True(end > start, output);
        JsonElement[] jobs = [.. JsonDocument.Parse(output[start..end]).RootElement.GetProperty("jobs").EnumerateArray()];
        return new FioResult(
            jobs.Sum(job => job.GetProperty("write").GetProperty("io_bytes").GetInt64()),
            jobs.Sum(job => job.GetProperty("read").GetProperty("io_bytes").GetInt64()),
            jobs.Sum(job => job.GetProperty("error").GetInt32()));
    }
}
