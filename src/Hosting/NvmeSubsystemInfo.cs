namespace Nvmf.Hosting;

/// <summary>A subsystem at one moment.</summary>
/// <param name="Nqn">Name.</param>
/// <param name="AllowAnyHost">Every host may connect.</param>
/// <param name="Hosts">Hosts allowed by name.</param>
/// <param name="Namespaces">Namespaces by identifier.</param>
/// <param name="RequiresAuthentication">Hosts without a secret are refused.</param>
/// <param name="HostsWithSecrets">Hosts that must authenticate.</param>
public sealed record NvmeSubsystemInfo(
    string Nqn,
    bool AllowAnyHost,
    IReadOnlyList<string> Hosts,
    IReadOnlyList<NvmeNamespaceInfo> Namespaces,
    bool RequiresAuthentication,
    IReadOnlyList<string> HostsWithSecrets);
