using System.Runtime.InteropServices;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Initiator.Internal;

namespace Nvmf.Initiator;

/// <remarks>
/// Reservations (NVMe Base, Reservations): a host is who it is by <see cref="NvmeConnectOptions.HostId"/>, on all paths. What the controller refuses is an
/// <see cref="NvmeException"/> with <see cref="NvmeStatus.ReservationConflict"/>. By several paths a command whose connection was lost is sent again; if the first was
/// executed after all, the second of an unregistration, replacement, or clearing finds another key than it names and gets a conflict: <see cref="GetReservationAsync"/> tells.
/// </remarks>
public abstract partial class NvmeBlockDevice
{
    private const int UsualReportLength = 4096;

    /// <summary>Registers this host with a key. Again with the same key is no mistake.</summary>
    /// <param name="key">The key; hosts may have the same one.</param>
    /// <param name="persistence">Whether registrations and reservation outlive a loss of power, where the namespace can do that (RESCAP).</param>
    /// <param name="cancellationToken">Aborts the command.</param>
    public ValueTask RegisterReservationKeyAsync(ulong key, PersistenceChange persistence = PersistenceChange.None, CancellationToken cancellationToken = default) =>
        RegisterAsync(ReservationRegisterAction.Register, 0, key, false, persistence, cancellationToken);

    /// <summary>Puts another key in the place of that of this host.</summary>
    /// <param name="currentKey">The present key; null: whatever it is, and also when there is none.</param>
    /// <param name="newKey">The new key.</param>
    /// <param name="persistence">As when registering.</param>
    /// <param name="cancellationToken">Aborts the command.</param>
    public ValueTask ReplaceReservationKeyAsync(
        ulong? currentKey, ulong newKey, PersistenceChange persistence = PersistenceChange.None, CancellationToken cancellationToken = default) =>
        RegisterAsync(ReservationRegisterAction.Replace, currentKey ?? 0, newKey, currentKey is null, persistence, cancellationToken);

    /// <summary>Unregisters this host. A reservation that it alone holds is released.</summary>
    /// <param name="currentKey">Its key; null: whatever it is.</param>
    /// <param name="cancellationToken">Aborts the command.</param>
    public ValueTask UnregisterReservationKeyAsync(ulong? currentKey, CancellationToken cancellationToken = default) =>
        RegisterAsync(ReservationRegisterAction.Unregister, currentKey ?? 0, 0, currentKey is null, PersistenceChange.None, cancellationToken);

    /// <summary>Takes a reservation that nobody holds.</summary>
    /// <param name="type">What it keeps from whom.</param>
    /// <param name="currentKey">Key of this host.</param>
    /// <param name="cancellationToken">Aborts the command.</param>
    public ValueTask AcquireReservationAsync(ReservationType type, ulong currentKey, CancellationToken cancellationToken = default) =>
        AcquireAsync(ReservationAcquireAction.Acquire, type, currentKey, 0, cancellationToken);

    /// <summary>Unregisters the hosts with another key, and takes over the reservation if one of them holds it. A holder may preempt itself to change the type.</summary>
    /// <param name="type">Type of the reservation, if it is taken over.</param>
    /// <param name="currentKey">Key of this host.</param>
    /// <param name="preemptKey">Key of the others; 0: all others, when the reservation is one of all registrants.</param>
    /// <param name="abortCommands">When the task ends, no command that they have sent is executed any more.</param>
    /// <param name="cancellationToken">Aborts the command.</param>
    public ValueTask PreemptReservationAsync(
        ReservationType type, ulong currentKey, ulong preemptKey, bool abortCommands = false, CancellationToken cancellationToken = default) =>
        AcquireAsync(
            abortCommands ? ReservationAcquireAction.PreemptAndAbort : ReservationAcquireAction.Preempt, type, currentKey, preemptKey, cancellationToken);

    /// <summary>Releases the reservation. Without effect when this host does not hold it.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="currentKey">Key of this host.</param>
    /// <param name="cancellationToken">Aborts the command.</param>
    public ValueTask ReleaseReservationAsync(ReservationType type, ulong currentKey, CancellationToken cancellationToken = default) =>
        ReleaseAsync(ReservationReleaseAction.Release, type, currentKey, cancellationToken);

    /// <summary>Releases the reservation, whoever holds it, and unregisters every host.</summary>
    /// <param name="currentKey">Key of this host.</param>
    /// <param name="cancellationToken">Aborts the command.</param>
    public ValueTask ClearReservationAsync(ulong currentKey, CancellationToken cancellationToken = default) =>
        ReleaseAsync(ReservationReleaseAction.Clear, ReservationType.None, currentKey, cancellationToken);

    /// <summary>Who is registered and who holds the reservation (Reservation Report).</summary>
    /// <exception cref="InvalidDataException">There are more registrants than one command can tell of.</exception>
    public async ValueTask<NvmeReservation> GetReservationAsync(CancellationToken cancellationToken = default)
    {
        var length = Math.Min(UsualReportLength, MaxTransferLength);
        while (true)
        {
            var data = new byte[length];
            var entry = Entries.Io(InputOutputOpcode.ReservationReport, Id);
            ref var command = ref ReservationReportCommand.Edit(ref entry);
            command.LengthInBytes = (ulong)length;
            command.Extended = true;
            await ExecuteAsync(new BlockCommand { Entry = entry, Name = "Reservation Report", Destination = data }, cancellationToken).ConfigureAwait(false);
            var header = WireStructure.Read<ReservationStatusHeader>(data);
            var needed = ReservationStatusHeader.Size + (header.Registrants * ReservationRegistrantEntry.Size);
            if (needed <= length)
            {
                return NvmeReservation.Read(header, MemoryMarshal.Cast<byte, ReservationRegistrantEntry>(data.AsSpan(ReservationStatusHeader.Size))[..header.Registrants]);
            }

            // Others may register while this one asks again; the room only grows, and not without end.
            if (length == MaxTransferLength)
            {
                throw new InvalidDataException($"Namespace {Id} has {header.Registrants} registrants, and one command moves at most {MaxTransferLength} bytes.");
            }

            length = Math.Min(MaxTransferLength, Math.Max(needed, 2 * length));
        }
    }

    private ValueTask RegisterAsync(
        ReservationRegisterAction action, ulong current, ulong next, bool ignoreExisting, PersistenceChange persistence, CancellationToken cancellationToken)
    {
        var entry = Entries.Io(InputOutputOpcode.ReservationRegister, Id);
        ref var command = ref ReservationRegisterCommand.Edit(ref entry);
        command.Action = action;
        command.IgnoreExistingKey = ignoreExisting;
        command.Persistence = persistence;
        return ReserveAsync(entry, "Reservation Register", new ReservationRegisterData { CurrentKey = current, NewKey = next }, cancellationToken);
    }

    private ValueTask AcquireAsync(ReservationAcquireAction action, ReservationType type, ulong current, ulong preempt, CancellationToken cancellationToken)
    {
        var entry = Entries.Io(InputOutputOpcode.ReservationAcquire, Id);
        ref var command = ref ReservationAcquireCommand.Edit(ref entry);
        command.Action = action;
        command.Type = type;
        return ReserveAsync(entry, "Reservation Acquire", new ReservationAcquireData { CurrentKey = current, PreemptKey = preempt }, cancellationToken);
    }

    private ValueTask ReleaseAsync(ReservationReleaseAction action, ReservationType type, ulong current, CancellationToken cancellationToken)
    {
        var entry = Entries.Io(InputOutputOpcode.ReservationRelease, Id);
        ref var command = ref ReservationReleaseCommand.Edit(ref entry);
        command.Action = action;
        command.Type = type;
        return ReserveAsync(entry, "Reservation Release", new ReservationReleaseData { CurrentKey = current }, cancellationToken);
    }

    private ValueTask ReserveAsync<T>(SubmissionQueueEntry entry, string name, T keys, CancellationToken cancellationToken)
        where T : unmanaged =>
        ExecuteAsync(new BlockCommand { Entry = entry, Name = name, Source = WireStructure.AsBytes(in keys).ToArray() }, cancellationToken);
}
