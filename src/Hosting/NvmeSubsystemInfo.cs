namespace Nvmf.Hosting;

/// <summary>A subsystem at one moment.</summary>
/// <param name="Nqn">Name.</param>
/// <param name="AllowAnyHost">Every host may connect.</param>
/// <param name="Hosts">Hosts allowed by name.</param>
/// <param name="Namespaces">Namespaces by identifier.</param>
public sealed record NvmeSubsystemInfo(string Nqn, bool AllowAnyHost, IReadOnlyList<string> Hosts, IReadOnlyList<NvmeNamespaceInfo> Namespaces);
