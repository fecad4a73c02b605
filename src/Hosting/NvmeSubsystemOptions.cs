using Nvmf.Abstractions.Authentication;
using Nvmf.Target.Namespaces;

namespace Nvmf.Hosting;

/// <summary>One subsystem to serve.</summary>
public sealed class NvmeSubsystemOptions
{
    /// <summary>NVMe Qualified Name, for example <c>nqn.2014-08.org.nvmexpress:uuid:…</c>; 1..223 bytes.</summary>
    public string Nqn { get; set; } = "";

    /// <summary>Serial number, up to 20 ASCII characters. Null: derived from the name.</summary>
    public string? SerialNumber { get; set; }

    /// <summary>Model number, up to 40 ASCII characters. Null: the target's default.</summary>
    public string? ModelNumber { get; set; }

    /// <summary>NQNs of the hosts that may connect. With none here and none in <see cref="HostSecrets"/>: every host.</summary>
    public IList<string> Hosts { get; } = [];

    /// <summary>Hosts that may connect and must authenticate.</summary>
    public IList<NvmeHostSecretOptions> HostSecrets { get; } = [];

    /// <summary>Hosts without a secret are refused, those in <see cref="Hosts"/> as well. Default false.</summary>
    public bool RequireAuthentication { get; set; }

    /// <summary>Hash functions accepted for authentication, the one to prefer first. Empty: the target's default.</summary>
    public IList<DhChapHash> AuthenticationHashes { get; } = [];

    /// <summary>Diffie-Hellman groups accepted for authentication, the one to prefer first. Empty: the target's default.</summary>
    public IList<DhChapGroup> AuthenticationGroups { get; } = [];

    /// <summary>Namespaces, numbered from 1 in this order where they give no number.</summary>
    public IList<NvmeNamespaceOptions> Namespaces { get; } = [];

    /// <summary>Adds a namespace on a disk like <c>mem:256MiB</c> or <c>file:/srv/disk.img</c>; see <see cref="Disks.DiskSpecification"/>.</summary>
    public NvmeSubsystemOptions AddNamespace(string disk)
    {
        Namespaces.Add(new NvmeNamespaceOptions { Disk = disk });
        return this;
    }

    /// <summary>Adds a namespace on a back end made when the host starts. The target owns and disposes it.</summary>
    public NvmeSubsystemOptions AddNamespace(Func<IServiceProvider, NamespaceBackend> backend)
    {
        Namespaces.Add(new NvmeNamespaceOptions { Backend = backend });
        return this;
    }

    /// <summary>Lets a host connect. With none allowed by name, every host may.</summary>
    public NvmeSubsystemOptions AllowHost(string hostNqn)
    {
        Hosts.Add(hostNqn);
        return this;
    }

    /// <summary>Lets a host connect that authenticates. The secrets are given as in <see cref="NvmeHostSecretOptions"/>.</summary>
    public NvmeSubsystemOptions AllowHost(string hostNqn, string secret, string? controllerSecret = null)
    {
        HostSecrets.Add(new NvmeHostSecretOptions { Host = hostNqn, Secret = secret, ControllerSecret = controllerSecret });
        return this;
    }
}
