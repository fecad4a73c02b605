using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Controllers;
using Nvmf.Target.Diagnostics;
using Nvmf.Target.Queues;

namespace Nvmf.Target.Reservations;

/// <summary>Carries out a reservation command: the change, then who is told, then the end of commands that it preempts.</summary>
internal static class ReservationChange
{
    /// <summary>Completes the command, now or later.</summary>
    /// <param name="slot">The command.</param>
    /// <param name="ns">The namespace.</param>
    /// <param name="aborts">Preempt and Abort.</param>
    /// <param name="change">One of <see cref="ReservationRules"/>.</param>
    public static void Start(CommandSlot slot, Namespace ns, bool aborts, Func<ReservationState, ReservationOutcome> change)
    {
        Controller controller = slot.Queue.ConnectedController;
        if (aborts || ns.Reservations.IsPersistent)
        {
            slot.WaitFor(RunAsync(controller, ns, aborts, change));
            return;
        }

        ReservationOutcome outcome = ns.Reservations.Apply(change);
        Tell(controller, ns, outcome);
        if (outcome.Status.IsSuccess)
        {
            slot.Succeed();
        }
        else
        {
            slot.Fail(outcome.Status);
        }
    }

    /// <summary>The same for a change that is no command of an I/O queue. Never faulted.</summary>
    public static async Task<NvmeStatus> RunAsync(Controller controller, Namespace ns, bool aborts, Func<ReservationState, ReservationOutcome> change)
    {
        try
        {
            // A medium that hangs holds up the command only so long; what becomes of the change is then open.
            NvmeTarget target = controller.Target;
            return await MakeAsync(controller, ns, aborts, change).WaitAsync(2 * target.Options.CommandQuiesceTime, target.Time).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            TargetLog.ReservationFileFailed(controller.Target.Logger, exception, ns.Id, controller.SubsystemNqn);
            return NvmeStatus.InternalError;
        }
    }

    private static async Task<NvmeStatus> MakeAsync(Controller controller, Namespace ns, bool aborts, Func<ReservationState, ReservationOutcome> change)
    {
        NamespaceReservations reservations = ns.Reservations;
        ReservationOutcome outcome = reservations.IsPersistent ? await reservations.ApplyAsync(change).ConfigureAwait(false) : reservations.Apply(change);
        Tell(controller, ns, outcome);
        if (!aborts || !outcome.Status.IsSuccess)
        {
            return outcome.Status;
        }

        TimeSpan patience = controller.Target.Options.CommandQuiesceTime;
        PreemptedCommands commands = reservations.Await(PreemptedCommands.Abort(controller.Subsystem!, ns, outcome.Preempted));
        if (await commands.WaitAsync(patience, controller.Target.Time).ConfigureAwait(false))
        {
            return NvmeStatus.Success;
        }

        // Not fenced. The host may try again: the same preemption waits for the same commands.
        TargetLog.PreemptionStuck(controller.Target.Logger, ns.Id, controller.SubsystemNqn, patience);
        return NvmeStatus.InternalError;
    }

    private static void Tell(Controller issuer, Namespace ns, ReservationOutcome outcome)
    {
        if (!outcome.Preempted.IsEmpty)
        {
            TargetLog.Preempted(issuer.Target.Logger, ns.Id, issuer.SubsystemNqn, issuer.HostId.ToGuid(), outcome.Preempted.Length, outcome.State.Type);
        }

        if (outcome.Notifications.IsEmpty)
        {
            return;
        }

        ILookup<Identifier128, ReservationNotificationType> byHost = outcome.Notifications.ToLookup(static one => one.Host, static one => one.Type);
        foreach (Controller controller in issuer.Subsystem!.ControllerTable.Snapshot())
        {
            foreach (ReservationNotificationType type in byHost[controller.HostId])
            {
                if (controller.ReservationNotifications.Add(type, ns.Id))
                {
                    controller.Events.Raise(AsynchronousEventQueue.ReservationLogPageAvailable);
                }
            }
        }
    }
}
