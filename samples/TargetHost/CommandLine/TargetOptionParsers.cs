using Nvmf.Abstractions.Authentication;
using Nvmf.Hosting;
using Nvmf.Hosting.Disks;

namespace TargetHost.CommandLine;

/// <summary>Readers of the options of a target.</summary>
internal static class TargetOptionParsers
{
    public static DiskSpecification? Disk(string text, out string? error) =>
        DiskSpecification.TryParse(text, out DiskSpecification? disk, out error) ? disk : null;

    public static string Nqn(string text, out string? error)
    {
        error = Nvmf.Abstractions.Fabrics.Nqn.Describe(text);
        return text;
    }

    /// <summary>NQN=SECRET. What is wrong with a secret is said without it.</summary>
    public static HostAndSecret? HostSecret(string text, out string? error)
    {
        int end = text.IndexOf('=', StringComparison.Ordinal);
        string source = end < 0 ? "" : text[(end + 1)..];
        error = end < 0 ? "A host's secret is written NQN=SECRET." : Nvmf.Abstractions.Fabrics.Nqn.Describe(text[..end]);
        if (error is null && DhChapSecretSource.IsInline(source) && DhChapSecret.TryParse(source, out DhChapSecret? secret, out error))
        {
            secret.Dispose();
        }

        return error is null ? new HostAndSecret(text[..end], source) : null;
    }

    public static string Hash(string text, out string? error) => Choice<DhChapHash>(text, out error);

    public static string Group(string text, out string? error) => Choice<DhChapGroup>(text, out error);

    private static string Choice<T>(string text, out string? error)
        where T : struct, Enum
    {
        string[] names = [.. Enum.GetNames<T>().Select(name => name.ToLowerInvariant())];
        error = names.Contains(text) ? null : $"'{text}' is none of {string.Join(", ", names)}.";
        return text;
    }

    public static string ZeroCopy(string text, out string? error)
    {
        error = ZeroCopySetting.TryParse(text, out _, out string? mistake) ? null : mistake;
        return text;
    }
}
