using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Initiator.Multipath;
using Nvmf.Initiator.Tests.Fakes;

namespace Nvmf.Initiator.Tests.Multipath;

/// <summary>Paths to controllers that say what a test wants them to.</summary>
public class ScriptedPathTests
{
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
        await using var subsystem = await controller.Host.ConnectSubsystemAsync([controller.EndPoint], NewOptions(TimeSpan.FromHours(1))).WaitAsync(TargetFixture.Patience);
        var path = Assert.Single(subsystem.Paths);
        await Eventually.IsTrueAsync(() => path.State == NvmePathState.Waiting || path.Associations > 1, "The path does not wait.");
        Assert.Equal(1, path.Associations);
    }

    private static NvmeMultipathOptions NewOptions(TimeSpan reconnectDelay) => new()
    {
        Connect = new NvmeConnectOptions { SubsystemNqn = "nqn.test", KeepAlive = TimeSpan.FromHours(1) },
        ReconnectDelay = reconnectDelay,
    };
}
