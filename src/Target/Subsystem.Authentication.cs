using Nvmf.Target.Authentication;

namespace Nvmf.Target;

/// <summary>Who must prove who it is, and with what.</summary>
public sealed partial class Subsystem
{
    // By host NQN; copies of this subsystem's own.
    private readonly Dictionary<string, HostSecrets> _secrets = [];

    /// <summary>Hosts without a secret are refused.</summary>
    public bool RequiresAuthentication { get; }

    /// <summary>Hosts that have a secret, and must authenticate.</summary>
    public IReadOnlyCollection<string> HostsWithSecrets
    {
        get
        {
            lock (_lock)
            {
                return [.. _secrets.Keys];
            }
        }
    }

    internal AuthenticationPolicy AuthenticationPolicy { get; }

    /// <summary>
    /// Puts a host on the list and gives it secrets, in place of those that it had. They hold for queues connected from now on, and for a host that authenticates again: to end what
    /// was connected before, take the host off the list first (<see cref="DisallowHostAsync"/>).
    /// </summary>
    /// <param name="hostNqn">The host.</param>
    /// <param name="secrets">Copied.</param>
    /// <exception cref="ArgumentException">The NQN is not valid.</exception>
    /// <exception cref="ObjectDisposedException">A secret was disposed.</exception>
    public void AllowHost(string hostNqn, HostSecrets secrets)
    {
        Abstractions.Fabrics.Nqn.ThrowIfInvalid(hostNqn, nameof(hostNqn));
        ArgumentNullException.ThrowIfNull(secrets);
        SetSecrets(hostNqn, secrets.Copy());
        AllowHost(hostNqn);
        if (RequiresAuthentication)
        {
            _target.Discovery.OnChanged();
        }
    }

    /// <summary>True when the host has a secret: it must authenticate on every queue.</summary>
    internal bool HasSecrets(string hostNqn)
    {
        lock (_lock)
        {
            return _secrets.ContainsKey(hostNqn);
        }
    }

    /// <summary>The host's keys for one exchange, the caller's to dispose; null when it has no secret.</summary>
    internal AuthenticationKeys? DeriveKeys(string hostNqn)
    {
        lock (_lock)
        {
            return _secrets.TryGetValue(hostNqn, out HostSecrets? secrets) ? new AuthenticationKeys(secrets, hostNqn, Nqn) : null;
        }
    }

    private void SetSecrets(string hostNqn, HostSecrets copy)
    {
        HostSecrets? forgotten = copy;
        lock (_lock)
        {
            if (!_closed)
            {
                _secrets.Remove(hostNqn, out forgotten);
                _secrets.Add(hostNqn, copy);
            }
        }

        forgotten?.Forget();
    }

    /// <summary>Overwrites the secrets: the end.</summary>
    internal void ForgetSecrets()
    {
        HostSecrets[] all;
        lock (_lock)
        {
            all = [.. _secrets.Values];
            _secrets.Clear();
        }

        foreach (HostSecrets secrets in all)
        {
            secrets.Forget();
        }
    }
}
