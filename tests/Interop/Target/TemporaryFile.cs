using System.Diagnostics;
using System.Globalization;

namespace Nvmf.Interop;

/// <summary>A file for a file disk, removed at the end.</summary>
public sealed class TemporaryFile : IDisposable
{
    /// <summary>Where it is; empty at first.</summary>
    public string Path { get; } = System.IO.Path.GetTempFileName();

    /// <summary>Bytes that the file system holds for it: holes do not count.</summary>
    public async Task<long> AllocatedBytesAsync()
    {
        using Process stat = Process.Start(new ProcessStartInfo("stat", ["-c", "%b", Path]) { RedirectStandardOutput = true })!;
        string blocks = await stat.StandardOutput.ReadToEndAsync();
        await stat.WaitForExitAsync();
        return long.Parse(blocks, CultureInfo.InvariantCulture) * 512;
    }

    /// <inheritdoc/>
    public void Dispose() => File.Delete(Path);
}
