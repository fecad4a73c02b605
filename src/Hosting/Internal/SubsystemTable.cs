using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Nvmf.Abstractions.Authentication;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Hosting.Disks;
using Nvmf.Target;
using Nvmf.Target.Namespaces;

namespace Nvmf.Hosting.Internal;

/// <summary>Subsystems, namespaces and hosts by name, with refusals as sentences. Any thread.</summary>
internal sealed class SubsystemTable(NvmeTarget target, IServiceProvider services, ILogger logger)
{
    /// <summary>What a namespace was made from, for people.</summary>
    private readonly ConcurrentDictionary<Namespace, string> _disks = [];

    public IReadOnlyList<NvmeSubsystemInfo> Info => [.. target.Subsystems.OrderBy(s => s.Nqn, StringComparer.Ordinal).Select(Describe)];

    public async Task AddAsync(NvmeSubsystemOptions options, CancellationToken cancellationToken)
    {
        var failures = new List<string>();
        ValidateSubsystemOptions.Check([options], "Subsystems", failures);
        if (failures.Count > 0)
        {
            throw new NvmeTargetException(NvmeTargetError.Invalid, failures[0]);
        }

        var subsystemOptions = new SubsystemOptions { Nqn = options.Nqn, SerialNumber = options.SerialNumber, RequireAuthentication = options.RequireAuthentication };
        subsystemOptions.ModelNumber = options.ModelNumber ?? subsystemOptions.ModelNumber;
        foreach (string host in options.Hosts)
        {
            subsystemOptions.AllowedHosts.Add(host);
        }

        foreach (DhChapHash hash in options.AuthenticationHashes)
        {
            subsystemOptions.AuthenticationHashes.Add(hash);
        }

        foreach (DhChapGroup group in options.AuthenticationGroups)
        {
            subsystemOptions.AuthenticationGroups.Add(group);
        }

        Subsystem subsystem = Create(subsystemOptions, options.HostSecrets);
        try
        {
            // Namespaces with a number first: one without takes the lowest number that is left.
            foreach (NvmeNamespaceOptions ns in options.Namespaces.OrderBy(n => n.Nsid is null))
            {
                await AddNamespaceAsync(subsystem, ns, cancellationToken).ConfigureAwait(false);
            }
        }
        catch
        {
            // Somebody may have removed it meanwhile, and even added another of that name.
            if (target.Subsystems.Contains(subsystem))
            {
                await RemoveAsync(options.Nqn).ConfigureAwait(false);
            }

            throw;
        }
    }

    public async Task<IReadOnlyList<DrainReport>> RemoveAsync(string nqn)
    {
        Subsystem subsystem = Find(nqn);
        IReadOnlyList<Namespace> namespaces = subsystem.Namespaces;
        IReadOnlyList<DrainReport> reports = await target.RemoveSubsystemAsync(nqn, CancellationToken.None).ConfigureAwait(false);
        foreach (Namespace ns in namespaces)
        {
            _disks.TryRemove(ns, out _);
        }

        return reports;
    }

    public Task<uint> AddNamespaceAsync(string nqn, NvmeNamespaceOptions options, CancellationToken cancellationToken) =>
        AddNamespaceAsync(Find(nqn), options, cancellationToken);

    public async Task RemoveNamespaceAsync(string nqn, uint nsid)
    {
        Namespace? ns = Find(nqn).Namespaces.FirstOrDefault(n => n.Id == nsid);
        if (ns is null || !await Find(nqn).RemoveNamespaceAsync(nsid).ConfigureAwait(false))
        {
            throw NoNamespace(nqn, nsid);
        }

        _disks.TryRemove(ns, out _);
    }

    public async Task ResizeNamespaceAsync(string nqn, uint nsid, long sizeInBytes, CancellationToken cancellationToken)
    {
        Namespace ns = Find(nqn).Namespaces.FirstOrDefault(n => n.Id == nsid) ?? throw NoNamespace(nqn, nsid);
        try
        {
            await DiskOpener.ResizeAsync(ns.Backend, sizeInBytes, cancellationToken).ConfigureAwait(false);
        }
        catch (ObjectDisposedException)
        {
            // Removed meanwhile.
            throw NoNamespace(nqn, nsid);
        }
    }

    public void AllowHost(string nqn, string hostNqn)
    {
        Subsystem subsystem = Find(nqn);
        CheckHost(hostNqn);
        subsystem.AllowHost(hostNqn);
    }

    public void AllowHost(string nqn, NvmeHostSecretOptions host)
    {
        Subsystem subsystem = Find(nqn);
        CheckHost(host.Host);
        HostSecrets secrets = HostSecretReader.Read(host);
        try
        {
            subsystem.AllowHost(host.Host, secrets);
        }
        finally
        {
            HostSecretReader.Dispose(secrets);
        }
    }

    public Task<IReadOnlyList<DrainReport>> RemoveHostAsync(string nqn, string hostNqn)
    {
        Subsystem subsystem = Find(nqn);
        CheckHost(hostNqn);
        return subsystem.AllowedHosts.Contains(hostNqn)
            ? subsystem.DisallowHostAsync(hostNqn)
            : throw new NvmeTargetException(NvmeTargetError.NotFound, $"The host {hostNqn} is not on the list of {nqn}.");
    }

    public Task<IReadOnlyList<DrainReport>> SetAllowAnyHostAsync(string nqn, bool allow) => Find(nqn).SetAllowAnyHostAsync(allow);

    private async Task<uint> AddNamespaceAsync(Subsystem subsystem, NvmeNamespaceOptions options, CancellationToken cancellationToken)
    {
        DiskSpecification? disk = null;
        if (options.Backend is null && !DiskSpecification.TryParse(options.Disk, out disk, out string? error))
        {
            throw new NvmeTargetException(NvmeTargetError.Invalid, error);
        }

        NamespaceBackend backend = disk is null
            ? options.Backend!(services)
            : await DiskOpener.OpenAsync(disk, cancellationToken).ConfigureAwait(false);
        try
        {
            var namespaceOptions = new NamespaceOptions
            {
                NamespaceId = options.Nsid,
                Uuid = options.Uuid ?? UuidOfFile(subsystem, disk?.Path),
                ReadOnly = disk?.ReadOnly ?? false,
                ReservationFile = disk?.ReservationFile,
            };
            Namespace ns = subsystem.AddNamespace(namespaceOptions, backend);
            string name = disk?.ToString() ?? backend.GetType().Name;
            _disks[ns] = name;
            HostingLog.NamespaceOpened(logger, ns.Id, subsystem.Nqn, name);
            return ns.Id;
        }
        catch (Exception failure)
        {
            await backend.DisposeAsync().ConfigureAwait(false);
            if (failure is ObjectDisposedException)
            {
                // Removed meanwhile.
                throw NoSubsystem(subsystem.Nqn);
            }

            if (failure is BackendOpenException)
            {
                throw new NvmeTargetException(NvmeTargetError.Unavailable, ErrorText.Sentence(failure), failure);
            }

            if (failure is ArgumentException)
            {
                bool taken = subsystem.Namespaces.Any(n => n.Id == options.Nsid);
                throw new NvmeTargetException(taken ? NvmeTargetError.Conflict : NvmeTargetError.Invalid, ErrorText.Sentence(failure), failure);
            }

            throw;
        }
    }

    /// <summary>From the path, so that a file stays the same device under another number. Null, the target's choice, for other disks, and for a file's second namespace.</summary>
    private static Guid? UuidOfFile(Subsystem subsystem, string? path)
    {
        Guid? uuid = path is null ? null : StableUuid.Create(subsystem.Nqn, Path.GetFullPath(path));
        return subsystem.Namespaces.Any(n => n.Uuid == uuid) ? null : uuid;
    }

    private Subsystem Create(SubsystemOptions options, IList<NvmeHostSecretOptions> hosts)
    {
        try
        {
            foreach (NvmeHostSecretOptions host in hosts)
            {
                options.Secrets.Add(host.Host, HostSecretReader.Read(host));
            }

            return target.AddSubsystem(options);
        }
        catch (ArgumentException failure)
        {
            bool taken = target.Subsystems.Any(s => s.Nqn == options.Nqn);
            throw new NvmeTargetException(taken ? NvmeTargetError.Conflict : NvmeTargetError.Invalid, ErrorText.Sentence(failure), failure);
        }
        finally
        {
            foreach (HostSecrets secrets in options.Secrets.Values)
            {
                HostSecretReader.Dispose(secrets);
            }
        }
    }

    private Subsystem Find(string nqn) => target.Subsystems.FirstOrDefault(s => s.Nqn == nqn) ?? throw NoSubsystem(nqn);

    private static NvmeTargetException NoSubsystem(string nqn) => new(NvmeTargetError.NotFound, $"There is no subsystem {nqn}.");

    private static NvmeTargetException NoNamespace(string nqn, uint nsid) => new(NvmeTargetError.NotFound, $"There is no namespace {nsid} in {nqn}.");

    private static void CheckHost(string hostNqn)
    {
        if (Nqn.Describe(hostNqn) is { } error)
        {
            throw new NvmeTargetException(NvmeTargetError.Invalid, error);
        }
    }

    private NvmeSubsystemInfo Describe(Subsystem subsystem) => new(
        subsystem.Nqn,
        subsystem.AllowAnyHost,
        [.. subsystem.AllowedHosts],
        [.. subsystem.Namespaces.Select(n => new NvmeNamespaceInfo(
            n.Id, n.Uuid, n.Backend.BlockSize, checked((long)n.Backend.BlockCount * n.Backend.BlockSize), n.ReadOnly, _disks.GetValueOrDefault(n), n.Reservation))],
        subsystem.RequiresAuthentication,
        [.. subsystem.HostsWithSecrets]);
}
