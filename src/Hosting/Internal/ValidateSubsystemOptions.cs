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

            CheckSecrets(subsystem, here, failures);
            CheckNamespaces(subsystem.Namespaces, $"{here}:{nameof(subsystem.Namespaces)}", failures);
        }
    }

    private static string? NqnMistake(string nqn) =>
        nqn == Nqn.Discovery ? $"'{nqn}' is the discovery subsystem, which is always served." : Nqn.Describe(nqn);

    private static void CheckSecrets(NvmeSubsystemOptions subsystem, string path, List<string> failures)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < subsystem.HostSecrets.Count; i++)
        {
            NvmeHostSecretOptions secrets = subsystem.HostSecrets[i];
            string here = $"{path}:{nameof(subsystem.HostSecrets)}:{i}";
            if (Nqn.Describe(secrets.Host) is { } hostError)
            {
                failures.Add($"{here}:{nameof(secrets.Host)}: {hostError}");
            }
            else if (!seen.Add(secrets.Host))
            {
                failures.Add($"{here}:{nameof(secrets.Host)}: The host {secrets.Host} is there twice.");
            }

            if (HostSecretReader.Describe(secrets.Secret) is { } error)
            {
                failures.Add($"{here}:{nameof(secrets.Secret)}: {error}");
            }

            if (secrets.ControllerSecret is { } controller && HostSecretReader.Describe(controller) is { } controllerError)
            {
                failures.Add($"{here}:{nameof(secrets.ControllerSecret)}: {controllerError}");
            }
        }

        CheckChoices(subsystem.AuthenticationHashes, $"{path}:{nameof(subsystem.AuthenticationHashes)}", failures);
        CheckChoices(subsystem.AuthenticationGroups, $"{path}:{nameof(subsystem.AuthenticationGroups)}", failures);
    }

    private static void CheckChoices<T>(IList<T> choices, string path, List<string> failures)
        where T : struct, Enum
    {
        for (int i = 0; i < choices.Count; i++)
        {
            if (!Enum.IsDefined(choices[i]) || choices.IndexOf(choices[i]) != i)
            {
                failures.Add($"{path}:{i}: {choices[i]} is {(Enum.IsDefined(choices[i]) ? "there twice" : "not known")}.");
            }
        }
    }

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
