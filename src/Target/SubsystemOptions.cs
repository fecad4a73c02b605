using Nvmf.Abstractions.Authentication;

namespace Nvmf.Target;

/// <summary>A subsystem to be added by <see cref="NvmeTarget.AddSubsystem"/>, which checks every value.</summary>
public sealed class SubsystemOptions
{
    /// <summary>NVMe Qualified Name, at most 223 bytes of UTF-8, "nqn.yyyy-mm.reverse.domain:name" or "nqn.2014-08.org.nvmexpress:uuid:…".</summary>
    public required string Nqn { get; set; }

    /// <summary>
    /// Serial number, 1 to 20 printable ASCII characters. Default: derived from <see cref="Nqn"/>, so that it survives restarts.
    /// </summary>
    public string? SerialNumber { get; set; }

    /// <summary>Model number, 1 to 40 printable ASCII characters.</summary>
    public string ModelNumber { get; set; } = SubsystemDefaults.ModelNumber;

    /// <summary>Firmware revision, 1 to 8 printable ASCII characters.</summary>
    public string FirmwareRevision { get; set; } = SubsystemDefaults.FirmwareRevision;

    /// <summary>
    /// Every host may connect. Default (null): true exactly when <see cref="AllowedHosts"/> and <see cref="Secrets"/> are empty.
    /// </summary>
    public bool? AllowAnyHost { get; set; }

    /// <summary>Host NQNs that may connect; more can be added later by <see cref="Subsystem.AllowHost(string)"/>.</summary>
    public IList<string> AllowedHosts { get; } = [];

    /// <summary>
    /// Secrets of hosts, by their NQNs. These hosts may connect, and must authenticate on every queue. Copied; more can be added later by <see cref="Subsystem.AllowHost(string, HostSecrets)"/>.
    /// </summary>
    public IDictionary<string, HostSecrets> Secrets { get; } = new Dictionary<string, HostSecrets>();

    /// <summary>
    /// Hosts without a secret are refused. Without this, and with <see cref="AllowAnyHost"/>, a host need only call itself by a name that has no secret. Default false.
    /// </summary>
    public bool RequireAuthentication { get; set; }

    /// <summary>Hash functions accepted for authentication, the one to prefer first. Empty (default): SHA-256, SHA-384, SHA-512.</summary>
    public IList<DhChapHash> AuthenticationHashes { get; } = [];

    /// <summary>
    /// Diffie-Hellman groups accepted for authentication, the one to prefer first. Empty (default): ffdhe3072, 4096, 2048, 6144, 8192, and NULL when the host offers no other.
    /// </summary>
    public IList<DhChapGroup> AuthenticationGroups { get; } = [];

    /// <summary>Largest number of controllers (associations) at one time, 1 to 65519. Default 1024.</summary>
    public int MaxControllers { get; set; } = 1024;

    /// <summary>Largest number of I/O queues of one controller, 1 to 65535. Default 128.</summary>
    public int MaxIoQueues { get; set; } = 128;

    /// <summary>Largest namespace identifier (NN), 1 to 1024. Default 1024.</summary>
    public int MaxNamespaces { get; set; } = 1024;

    /// <summary>Lowest controller identifier to give, 1 to FFEFh. Different ranges let several targets serve one subsystem.</summary>
    public ushort MinControllerId { get; set; } = 1;

    /// <summary>Highest controller identifier to give, 1 to FFEFh.</summary>
    public ushort MaxControllerId { get; set; } = 0xFFEF;

    /// <summary>
    /// Report asymmetric namespace access, so that the ANA state of each port reaches the hosts. One ANA group. Default true.
    /// </summary>
    public bool AnaReporting { get; set; } = true;
}
