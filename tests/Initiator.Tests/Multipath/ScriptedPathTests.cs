using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Initiator.Multipath;
using Nvmf.Initiator.Tests.Fakes;

namespace Nvmf.Initiator.Tests.Multipath;

/// <summary>Paths to controllers that say what a test wants them to.</summary>
public class ScriptedPathTests
{
    private const int AnaGroupIdOffset = 92;
    private const int BlockShiftOffset = 130;

    [Fact]
    public async Task A_controller_that_drops_every_association_at_once_is_not_stormed()
    {
        await using var controller = ScriptedController.Start();
        controller.OnCommand = static (_, command) =>
        {
            if (command.Entry.Opcode == (byte)AdminOpcode.AsynchronousEventRequest)
            {
                // The last that a host says before it is live.
                command.QueuePair.Lifecycle.Abort();
                command.Drop();
                return true;
            }

            return false;
        };
        await using var subsystem = controller.Host.NewSubsystem(NewOptions(TimeSpan.FromHours(1)));
        var path = subsystem.AddPath(controller.EndPoint);
        await Eventually.IsTrueAsync(() => path.State == NvmePathState.Waiting || path.Associations > 1, "The path does not wait.");
        Assert.Equal(1, path.Associations);
    }

    [Fact]
    public async Task A_change_of_access_that_is_announced_while_the_log_is_read_is_not_lost()
    {
        await using var controller = ScriptedController.Start();
        controller.Identity.MultipathCapabilities = ControllerMultipathCapabilities.AsymmetricNamespaceAccess;
        controller.Identity.AnaGroups = 1;
        var (logs, reads) = (0, 0);
        QueuePairCommand? awaitingEvent = null;
        QueuePairCommand? log = null;
        controller.OnCommand = (self, command) =>
        {
            switch ((AdminOpcode)command.Entry.Opcode)
            {
                case (AdminOpcode)InputOutputOpcode.Read when command.Entry.NamespaceId == 1:
                    if (++reads == 1)
                    {
                        ScriptedController.Complete(command, NvmeStatus.AnaTransition);
                    }
                    else
                    {
                        self.CompleteWith(command, [42]);
                    }

                    return true;
                case AdminOpcode.Identify when IdentifyCommand.Of(in command.Entry).Cns != IdentifyCns.Controller:
                    self.CompleteWith(command, IdentifyCommand.Of(in command.Entry).Cns == IdentifyCns.Namespace ? Namespace() : []);
                    return true;
                case AdminOpcode.GetLogPage when ++logs != 2:
                    self.CompleteWith(command, AnaLog(AnaState.Optimized));
                    return true;
                case AdminOpcode.GetLogPage:
                    // Its answer is written down now, and something changes before it is sent.
                    log = command;
                    ScriptedController.Complete(awaitingEvent!, result: ChangedAccess.Value);
                    return true;
                case AdminOpcode.AsynchronousEventRequest when log is null:
                    awaitingEvent = command;
                    return true;
                case AdminOpcode.AsynchronousEventRequest:
                    _ = AnswerLaterAsync(self, log);
                    return self.Ignore(command);
                default:
                    return false;
            }
        };
        await using var subsystem = await controller.Host.ConnectSubsystemAsync([controller.EndPoint], NewOptions(TimeSpan.FromSeconds(2))).WaitAsync(TargetFixture.Patience);
        var disk = await subsystem.OpenNamespaceAsync(1).WaitAsync(TargetFixture.Patience);
        var data = new byte[512];
        await disk.ReadAsync(0, data).AsTask().WaitAsync(TargetFixture.Patience);
        Assert.Equal(42, data[0]);
    }

    private static AsynchronousEventResult ChangedAccess => new()
    {
        Type = AsynchronousEventType.Notice,
        Information = (byte)AsynchronousEventNotice.AsymmetricNamespaceAccessChange,
        LogPage = LogPageIdentifier.AsymmetricNamespaceAccess,
    };

    private static async Task AnswerLaterAsync(ScriptedController controller, QueuePairCommand log)
    {
        // Time for the host to hear of the event first. Without it nothing is tested; with any of it a right host is right.
        await Task.Delay(300);
        log.QueuePair.Post(new Answer(controller, log));
    }

    private static NvmeMultipathOptions NewOptions(TimeSpan reconnectDelay) => new()
    {
        Connect = new NvmeConnectOptions { SubsystemNqn = "nqn.test", KeepAlive = TimeSpan.FromHours(1) },
        ReconnectDelay = reconnectDelay,
    };

    private static byte[] Namespace()
    {
        var page = new byte[4096];
        page[0] = 100;
        page[AnaGroupIdOffset] = 1;
        page[BlockShiftOffset] = 9;
        return page;
    }

    private static byte[] AnaLog(AnaState state)
    {
        var page = new byte[AnaLogHeader.Size + AnaGroupDescriptor.Size];
        WireStructure.Write(page, new AnaLogHeader { GroupDescriptors = 1 });
        WireStructure.Write(page.AsSpan(AnaLogHeader.Size), new AnaGroupDescriptor { GroupId = 1, State = state });
        return page;
    }

    private sealed class Answer(ScriptedController controller, QueuePairCommand log) : IThreadPoolWorkItem
    {
        public void Execute() => controller.CompleteWith(log, AnaLog(AnaState.Inaccessible));
    }
}
