using System.Diagnostics;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Initiator.Discovery;
using Nvmf.Initiator.Tests.Fakes;
using Nvmf.Initiator.Tests.Multipath.Fakes;

namespace Nvmf.Initiator.Tests.Discovery;

/// <summary>Discovery controllers that are old, restless or broken.</summary>
public class DiscoveryWatcherTests
{
    [Fact]
    public async Task A_persistent_connection_is_kept_alive()
    {
        await using var controller = ScriptedController.Start();
        var (reads, connects) = Serve(controller, static _ => false);
        await using var service = Watch(controller, TimeSpan.FromHours(1));
        await Eventually.IsTrueAsync(() => controller.Seen.Count(opcode => opcode == (byte)AdminOpcode.KeepAlive) >= 3, "It is not kept alive.");
        Assert.Equal((1, 1), (reads(), connects()));
    }

    [Fact]
    public async Task One_that_knows_no_keep_alive_is_asked_now_and_then()
    {
        await using var controller = ScriptedController.Start();
        var (reads, _) = Serve(controller, static command => ConnectCommand.Of(in command.Entry).KeepAliveTimeout != 0);
        await using var service = Watch(controller, TimeSpan.FromMilliseconds(100));
        await Eventually.IsTrueAsync(() => reads() >= 3, "It is not asked again.");
        Assert.DoesNotContain((byte)AdminOpcode.KeepAlive, controller.Seen);
    }

    [Fact]
    public async Task One_without_events_is_asked_now_and_then_on_the_same_connection()
    {
        await using var controller = ScriptedController.Start();
        var (reads, connects) = Serve(controller, static _ => false);
        await using var service = Watch(controller, TimeSpan.FromMilliseconds(100));
        await Eventually.IsTrueAsync(() => reads() >= 3, "It is not asked again.");
        Assert.Equal(1, connects());
    }

    [Fact]
    public async Task One_that_claims_change_after_change_is_asked_ten_times_a_second_at_most()
    {
        await using var controller = ScriptedController.Start();
        var (reads, _) = Serve(controller, static _ => false);
        var log = controller.OnCommand;
        controller.OnCommand = (self, command) =>
        {
            if (command.Entry.Opcode != (byte)AdminOpcode.AsynchronousEventRequest || command.Entry.IsFabrics())
            {
                return log(self, command);
            }

            var change = new AsynchronousEventResult { Type = AsynchronousEventType.Notice, Information = (byte)AsynchronousEventNotice.DiscoveryLogChange };
            ScriptedController.Complete(command, result: change.Value);
            return true;
        };
        var start = Stopwatch.GetTimestamp();
        await using var service = Watch(controller, TimeSpan.FromHours(1));
        await Eventually.IsTrueAsync(() => reads() >= 5, "Changes are not noticed.");
        // Four pauses lie between five readings.
        Assert.True(Stopwatch.GetElapsedTime(start) >= TimeSpan.FromMilliseconds(390), $"{reads()} readings in {Stopwatch.GetElapsedTime(start)}.");
    }

    [Fact]
    public async Task One_whose_log_makes_no_sense_is_left_and_tried_again()
    {
        await using var controller = ScriptedController.Start();
        var log = new LogLines();
        var (_, connects) = Serve(controller, static _ => false, records: ulong.MaxValue);
        await using var service = Watch(controller, TimeSpan.FromHours(1), log);
        await Eventually.IsTrueAsync(() => connects() >= 3, "It is not tried again.");
        Assert.True(log.Says("claims to have"), string.Join('\n', log.Lines));
        Assert.Empty(service.Subsystems);
    }

    private static NvmeAutoConnect Watch(ScriptedController controller, TimeSpan refresh, LogLines? log = null) => new(
        controller.Host,
        new NvmeAutoConnectOptions
        {
            DiscoveryControllers = { controller.EndPoint },
            ReconnectDelay = TimeSpan.FromMilliseconds(20),
            RefreshInterval = refresh,
            Discovery = new NvmeConnectOptions { SubsystemNqn = Nqn.Discovery, KeepAlive = TimeSpan.FromMilliseconds(400) },
        },
        log);

    /// <returns>Readings of the log, and accepted connections, so far.</returns>
    private static (Func<int> Reads, Func<int> Connects) Serve(ScriptedController controller, Func<QueuePairCommand, bool> refuses, ulong records = 0)
    {
        controller.Identity.ControllerType = ControllerType.Discovery;
        var (pages, connects) = (0, 0);
        controller.OnCommand = (self, command) =>
        {
            if (command.Entry.IsFabrics() && command.Entry.FabricsCommandType == FabricsCommandType.Connect)
            {
                if (refuses(command))
                {
                    ScriptedController.Complete(command, NvmeStatus.ConnectInvalidParameters);
                    return true;
                }

                Interlocked.Increment(ref connects);
                return false;
            }

            switch ((AdminOpcode)command.Entry.Opcode)
            {
                case AdminOpcode.GetLogPage:
                    Interlocked.Increment(ref pages);
                    var header = new DiscoveryLogHeader { GenerationCounter = 1, Records = records };
                    self.CompleteWith(command, WireStructure.AsBytes(in header));
                    return true;
                case AdminOpcode.KeepAlive:
                    ScriptedController.Complete(command);
                    return true;
                default:
                    return false;
            }
        };
        // An empty log is its header, before and after.
        return (() => Volatile.Read(ref pages) / 2, () => Volatile.Read(ref connects));
    }
}
