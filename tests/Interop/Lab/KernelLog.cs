using System.Text.RegularExpressions;

namespace Nvmf.Interop.Lab;

/// <summary>The guest's kernel log as it came over its serial console: readable even when the guest hangs.</summary>
public sealed class KernelLog(string path)
{
    /// <summary>Its length up to now.</summary>
    public int Length => Text.Length;

    private string Text
    {
        get
        {
            if (!File.Exists(path))
            {
                return "";
            }

            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(stream);
            return reader.ReadToEnd().Replace("\r", "", StringComparison.Ordinal);
        }
    }

    /// <summary>The last lines.</summary>
    public string Tail(int lines) => string.Join('\n', Text.Split('\n').TakeLast(lines));

    /// <summary>The lines between two places, without their time stamps.</summary>
    public IEnumerable<string> Lines(int from, int to) =>
        Text[from..to].Split('\n').Select(line => Regex.Replace(line, @"^\[ *[0-9.]+\] ", "")).Where(line => line.Length > 0);

    /// <summary>Waits for a text.</summary>
    /// <returns>The place after its line.</returns>
    public async Task<int> FindAsync(string text, TimeSpan timeout, int from = 0)
    {
        int end = -1;
        await Eventually.TrueAsync(
            () =>
            {
                string all = Text;
                int start = all.IndexOf(text, from, StringComparison.Ordinal);
                end = start < 0 ? -1 : all.IndexOf('\n', start);
                return end >= 0;
            },
            timeout,
            () => $"'{text}' in the kernel log:\n{Tail(40)}");
        return end + 1;
    }
}
