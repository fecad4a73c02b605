using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Target.Authentication;
using Nvmf.Target.Controllers;

namespace Nvmf.Target;

/// <summary>An NVM subsystem: namespaces, and the controllers through which hosts use them.</summary>
/// <remarks>All members may be called from any thread.</remarks>
public sealed partial class Subsystem
{
    private readonly Lock _lock = new();
    private readonly NvmeTarget _target;
    private readonly HashSet<string> _allowedHosts;
    private bool _allowAnyHost;
    private bool _closed;

    internal Subsystem(NvmeTarget target, SubsystemOptions options)
    {
        SubsystemOptionsValidation.Check(options);
        _target = target;
        Nqn = options.Nqn;
        SerialNumber = options.SerialNumber ?? SubsystemDefaults.SerialNumber(options.Nqn);
        ModelNumber = options.ModelNumber;
        FirmwareRevision = options.FirmwareRevision;
        MaxIoQueues = options.MaxIoQueues;
        MaxNamespaces = options.MaxNamespaces;
        MaxControllers = options.MaxControllers;
        AnaReporting = options.AnaReporting;
        _allowedHosts = [.. options.AllowedHosts, .. options.Secrets.Keys];
        _allowAnyHost = options.AllowAnyHost ?? _allowedHosts.Count == 0;
        RequiresAuthentication = options.RequireAuthentication;
        AuthenticationPolicy = AuthenticationPolicy.Of(options);
        foreach ((string host, HostSecrets secrets) in options.Secrets)
        {
            _secrets.Add(host, secrets.Copy());
        }

        ControllerTable = new ControllerTable(target, this, options.MaxControllers, options.MinControllerId, options.MaxControllerId);
    }

    /// <summary>NVMe Qualified Name.</summary>
    public string Nqn { get; }

    /// <summary>Serial number.</summary>
    public string SerialNumber { get; }

    /// <summary>The controllers.</summary>
    public IReadOnlyList<ControllerInfo> Controllers => [.. ControllerTable.Snapshot().Select(static controller => controller.Describe())];

    /// <summary>Every host may connect.</summary>
    public bool AllowAnyHost
    {
        get
        {
            lock (_lock)
            {
                return _allowAnyHost;
            }
        }
    }

    /// <summary>Host NQNs on the list. Without effect while <see cref="AllowAnyHost"/> is true.</summary>
    public IReadOnlyCollection<string> AllowedHosts
    {
        get
        {
            lock (_lock)
            {
                return [.. _allowedHosts];
            }
        }
    }

    internal string ModelNumber { get; }

    internal string FirmwareRevision { get; }

    internal int MaxIoQueues { get; }

    internal int MaxNamespaces { get; }

    internal int MaxControllers { get; }

    internal bool AnaReporting { get; }

    internal ControllerTable ControllerTable { get; }

    /// <summary>Puts a host on the list; secrets that it has stay. Its discovery controllers are told (AEN).</summary>
    /// <exception cref="ArgumentException">The NQN is not valid.</exception>
    public void AllowHost(string hostNqn)
    {
        Abstractions.Fabrics.Nqn.ThrowIfInvalid(hostNqn, nameof(hostNqn));
        lock (_lock)
        {
            if (!_allowedHosts.Add(hostNqn))
            {
                return;
            }
        }

        _target.Discovery.OnChanged();
    }

    /// <summary>
    /// Takes a host off the list, and its secrets away. Unless any host is allowed, its associations end (<see cref="TeardownCause.HostRemoved"/>) and their queue pairs are awaited.
    /// </summary>
    /// <returns>One report per queue pair.</returns>
    public Task<IReadOnlyList<DrainReport>> DisallowHostAsync(string hostNqn)
    {
        ArgumentNullException.ThrowIfNull(hostNqn);
        HostSecrets? secrets;
        lock (_lock)
        {
            // Together: in between, a Connect would find a host that needs no secret.
            _allowedHosts.Remove(hostNqn);
            _secrets.Remove(hostNqn, out secrets);
        }

        secrets?.Forget();
        return EndForbiddenAsync();
    }

    /// <summary>
    /// Switches <see cref="AllowAnyHost"/>. Switching it off ends the associations of hosts that are not on the list, as
    /// <see cref="DisallowHostAsync"/> does.
    /// </summary>
    /// <returns>One report per queue pair.</returns>
    public Task<IReadOnlyList<DrainReport>> SetAllowAnyHostAsync(bool allow)
    {
        lock (_lock)
        {
            _allowAnyHost = allow;
        }

        return EndForbiddenAsync();
    }

    internal bool IsAllowed(string hostNqn) => IsAllowed(hostNqn, out _);

    /// <param name="hostNqn">The host.</param>
    /// <param name="mustAuthenticate">It has a secret, at the moment for which the answer holds.</param>
    internal bool IsAllowed(string hostNqn, out bool mustAuthenticate)
    {
        lock (_lock)
        {
            mustAuthenticate = _secrets.ContainsKey(hostNqn);
            return (_allowAnyHost || _allowedHosts.Contains(hostNqn)) && (mustAuthenticate || !RequiresAuthentication);
        }
    }

    internal void OnAnaStateChanged(TargetPort port)
    {
        foreach (Controller controller in ControllerTable.Snapshot())
        {
            if (controller.Port == port)
            {
                controller.Events.Raise(AsynchronousEvents.AsymmetricNamespaceAccess);
            }
        }
    }

    /// <summary>Ends the associations, then takes the namespaces down.</summary>
    internal async Task<IReadOnlyList<DrainReport>> CloseAsync(TeardownCause cause)
    {
        lock (_lock)
        {
            _closed = true;
        }

        DrainReport[] reports = await ControllerTable.CloseAsync(cause).ConfigureAwait(false);
        ForgetSecrets();
        await Task.WhenAll(Namespaces.Select(ns => RemoveNamespaceAsync(ns.Id))).ConfigureAwait(false);
        return reports;
    }

    private async Task<IReadOnlyList<DrainReport>> EndForbiddenAsync()
    {
        _target.Discovery.OnChanged();
        return await ControllerTable.EndAsync(TeardownCause.HostRemoved, controller => !IsAllowed(controller.HostNqn)).ConfigureAwait(false);
    }
}
