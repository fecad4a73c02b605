using Nvmf.Abstractions.Fabrics;
using Nvmf.Hosting.Disks;

namespace Nvmf.Hosting.Internal;

/// <summary>The part of the validation that looks at subsystems, their namespaces and their hosts.</summary>
internal static class ValidateSubsystemOptions
{
    public static void Check(IList<NvmeSubsystemOptions> subsystems, string path, List<string> failures)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < subsystems.Count; i++)
        {
            NvmeSubsystemOptions subsystem = subsystems[i];
            string here = $"{path}:{i}";
            if (NqnMistake(subsystem.Nqn) is { } error)
            {
                failures.Add($"{here}:{nameof(subsystem.Nqn)}: {error}");
            }
            else if (!seen.Add(subsystem.Nqn))
            {
                failures.Add($"{here}:{nameof(subsystem.Nqn)}: There are two subsystems {subsystem.Nqn}.");
            }

            CheckText(subsystem.SerialNumber, 20, $"{here}:{nameof(subsystem.SerialNumber)}", failures);
            CheckText(subsystem.ModelNumber, 40, $"{here}:{nameof(subsystem.ModelNumber)}", failures);
            for (int h = 0; h < subsystem.Hosts.Count; h++)
            {
                if (Nqn.Describe(subsystem.Hosts[h]) is { } hostError)
                {
                    failures.Add($"{here}:{nameof(subsystem.Hosts)}:{h}: {hostError}");
                }
            }

            CheckNamespaces(subsystem.Namespaces, $"{here}:{nameof(subsystem.Namespaces)}", failures);
        }
    }

    private static string? NqnMistake(string nqn) =>
        nqn == Nqn.Discovery ? $"'{nqn}' is the discovery subsystem, which is always served." : Nqn.Describe(nqn);

    private static void CheckNamespaces(IList<NvmeNamespaceOptions> namespaces, string path, List<string> failures)
    {
        var seen = new HashSet<uint>();
        for (int i = 0; i < namespaces.Count; i++)
        {
            NvmeNamespaceOptions ns = namespaces[i];
            if (ns.Backend is null && !DiskSpecification.TryParse(ns.Disk, out _, out string? error))
            {
                failures.Add($"{path}:{i}:{nameof(ns.Disk)}: {error}");
            }

            if (ns.Nsid is 0 or > MaxNsid)
            {
                failures.Add($"{path}:{i}:{nameof(ns.Nsid)}: {ns.Nsid} is not a number from 1 to {MaxNsid}.");
            }
            else if (ns.Nsid is { } nsid && !seen.Add(nsid))
            {
                failures.Add($"{path}:{i}:{nameof(ns.Nsid)}: There are two namespaces {nsid}.");
            }
        }
    }

    private static void CheckText(string? text, int maxLength, string path, List<string> failures)
    {
        if (text is not null && (text.Length is 0 || text.Length > maxLength || text.AsSpan().ContainsAnyExceptInRange(' ', '~')))
        {
            failures.Add($"{path}: '{text}' is not 1 to {maxLength} printable ASCII characters.");
        }
    }

    /// <summary>As many namespaces as the target reports in NN.</summary>
    private const uint MaxNsid = 1024;
}
