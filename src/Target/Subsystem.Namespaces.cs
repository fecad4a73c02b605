using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Controllers;
using Nvmf.Target.Diagnostics;
using Nvmf.Target.Namespaces;
using Nvmf.Target.Queues;
using Nvmf.Target.Reservations;

namespace Nvmf.Target;

/// <summary>Namespaces, which come and go while hosts use the others.</summary>
public sealed partial class Subsystem
{
    // Indexed by namespace identifier and never changed in place: an I/O queue reads it once per command, without a lock.
    private volatile Namespace?[] _table = [];

    /// <summary>The namespaces in the order of their identifiers.</summary>
    public IReadOnlyList<Namespace> Namespaces => [.. _table.OfType<Namespace>()];

    /// <summary>Adds a namespace over <paramref name="backend"/>; connected hosts are told (AEN).</summary>
    /// <exception cref="ArgumentException">An option is out of range or taken, or the back end's geometry is unusable; the message says which.</exception>
    /// <exception cref="BackendOpenException">The reservation file cannot be used, or is not this namespace's; the message says what to do.</exception>
    /// <exception cref="ObjectDisposedException">The subsystem was removed.</exception>
    /// <remarks>Takes over <paramref name="backend"/> (unless <see cref="NamespaceOptions.LeaveBackendOpen"/> is set); not when it throws.</remarks>
    public Namespace AddNamespace(NamespaceOptions options, NamespaceBackend backend)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(backend);
        uint? reservedId = options.NamespaceId;
        NamespaceReservations reservations = OpenReservations(options, ref reservedId);
        Namespace ns;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            uint id = reservedId ?? FindFreeId();
            if (id == 0 || id > (uint)MaxNamespaces)
            {
                throw new ArgumentException($"A namespace identifier of subsystem {Nqn} is 1 to {MaxNamespaces}, not {id}.", nameof(options));
            }

            if (FindNamespace(id) != null)
            {
                throw new ArgumentException($"Subsystem {Nqn} has a namespace {id} already.", nameof(options));
            }

            ns = new Namespace(id, options, Nqn, backend, reservations, OnNamespaceChanged, OnNamespaceFaulted);
            if (_table.FirstOrDefault(other => other != null && (other.Uuid == ns.Uuid || other.Nguid == ns.Nguid)) is { } twin)
            {
                throw new ArgumentException($"Namespace {twin.Id} of subsystem {Nqn} has the same UUID or NGUID; hosts would take the two for one disk.", nameof(options));
            }

            ns.Attach();
            Namespace?[] table = _table;
            Array.Resize(ref table, Math.Max(table.Length, (int)id + 1));
            table[id] = ns;
            _table = table;
        }

        TargetLog.NamespaceAdded(_target.Logger, ns.Id, Nqn, ns.BlockCount, ns.Backend.BlockSize);
        if (backend.Fault != null)
        {
            OnNamespaceFaulted(ns);
        }

        OnNamespaceChanged(ns);
        return ns;
    }

    /// <summary>
    /// Removes a namespace: new commands get Invalid Namespace or Format, requests under way at the back end finish first (up to
    /// <see cref="NvmeTargetOptions.NamespaceRemovalTimeout"/>; commands of several steps end after the step they are at), then the back end is disposed. Connected
    /// hosts are told at once (AEN).
    /// </summary>
    /// <returns>False when there is no such namespace.</returns>
    public async Task<bool> RemoveNamespaceAsync(uint namespaceId)
    {
        Namespace? ns;
        lock (_lock)
        {
            ns = FindNamespace(namespaceId);
            if (ns == null)
            {
                return false;
            }

            var table = (Namespace?[])_table.Clone();
            table[namespaceId] = null;
            _table = table;
        }

        Task idle = ns.Detach();
        OnNamespaceChanged(ns);
        foreach (Controller controller in ControllerTable.Snapshot())
        {
            controller.ReservationNotifications.ForgetMask(ns.Id);
        }

        // Whoever read the old table is between two messages of a loop: a fence sent to every loop comes after it.
        IEnumerable<TargetQueue> queues = ControllerTable.Snapshot().SelectMany(static controller => controller.OpenQueues());
        Task fences = Task.WhenAll(queues.Select(queue => NamespaceFence.SendAsync(queue, ns)));
        bool inTime = await CompletesAsync(Task.WhenAll(fences, idle)).ConfigureAwait(false);
        if (ns.OwnsBackend)
        {
            inTime &= await CompletesAsync(DisposeAsync(ns)).ConfigureAwait(false);
        }

        TargetLog.NamespaceRemoved(_target.Logger, ns.Id, Nqn);
        if (!inTime)
        {
            TargetLog.NamespaceStuck(_target.Logger, ns.Id, Nqn, _target.Options.NamespaceRemovalTimeout);
        }

        return true;
    }

    internal Namespace? FindNamespace(uint namespaceId)
    {
        Namespace?[] table = _table;
        return namespaceId < (uint)table.Length ? table[namespaceId] : null;
    }

    // A file is opened outside of the lock, which Connects take; it belongs to a UUID, which may come from the identifier.
    private NamespaceReservations OpenReservations(NamespaceOptions options, ref uint? id)
    {
        int maxRegistrants = ReservationLimits.RegistrantsOf(MaxControllers);
        if (options.ReservationFile is not { } path)
        {
            return new NamespaceReservations(maxRegistrants, null);
        }

        if (options.Uuid is not { } uuid)
        {
            id ??= FindFreeId();
            uuid = SubsystemDefaults.NamespaceUuid(Nqn, id.Value);
        }

        return new NamespaceReservations(maxRegistrants, ReservationFile.Open(path, uuid, maxRegistrants));
    }

    private async Task DisposeAsync(Namespace ns)
    {
        try
        {
            await ns.Backend.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            TargetLog.DisposeFailed(_target.Logger, exception, ns.Id, Nqn);
        }
    }

    private async Task<bool> CompletesAsync(Task task)
    {
        try
        {
            await task.WaitAsync(_target.Options.NamespaceRemovalTimeout, _target.Time).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private uint FindFreeId()
    {
        uint id = 1;
        while (FindNamespace(id) != null)
        {
            id++;
        }

        return id;
    }

    private void OnNamespaceFaulted(Namespace ns) => TargetLog.BackendFaulted(_target.Logger, ns.Id, Nqn, ns.Backend.Fault);

    private void OnNamespaceChanged(Namespace ns)
    {
        foreach (Controller controller in ControllerTable.Snapshot())
        {
            controller.ChangedNamespaces.Add(ns.Id);
            controller.Events.Raise(AsynchronousEvents.NamespaceAttribute);
        }
    }
}
