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

    public static string ZeroCopy(string text, out string? error)
    {
        error = ZeroCopySetting.TryParse(text, out _, out string? mistake) ? null : mistake;
        return text;
    }
}
