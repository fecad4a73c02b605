using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Initiator.Tests.Fakes;

namespace Nvmf.Initiator.Tests;

/// <summary>Controllers that are slow or broken.</summary>
public class HostileControllerTests
{
    [Fact]
    public async Task Never_ready()
    {
        await using var controller = ScriptedController.Start();
        controller.Capabilities = controller.Capabilities with { Timeout = 1 };
        controller.OnCommand = static (_, command) => AnswerStatus(command, default);
        var error = await Assert.ThrowsAsync<TimeoutException>(() => controller.ConnectAsync());
        Assert.Contains("become ready", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fatal_status()
    {
        await using var controller = ScriptedController.Start();
        controller.OnCommand = static (_, command) => AnswerStatus(command, new ControllerStatus { Fatal = true });
        var error = await Assert.ThrowsAnyAsync<IOException>(() => controller.ConnectAsync());
        Assert.Contains("CSTS.CFS", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wants_a_secure_channel()
    {
        await using var controller = ScriptedController.Start();
        controller.OnCommand = (_, command) =>
        {
            if (!ScriptedController.IsConnect(command))
            {
                return false;
            }

            ScriptedController.Complete(command, result: ConnectResult.Success(1, ConnectResult.AuthenticationTransactionRequired | ConnectResult.SecureChannelRequired));
            return true;
        };
        var error = await Assert.ThrowsAsync<NotSupportedException>(() => controller.ConnectAsync());
        Assert.Contains("secure channel", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Does_not_answer_connect()
    {
        await using var controller = ScriptedController.Start();
        controller.OnCommand = static (self, command) => ScriptedController.IsConnect(command) && self.Ignore(command);
        var options = new NvmeConnectOptions
        {
            SubsystemNqn = "nqn.test",
            AdminTimeout = TimeSpan.FromMilliseconds(200),
            AbortTimeout = TimeSpan.FromMilliseconds(100),
        };
        await Assert.ThrowsAsync<TimeoutException>(() => controller.ConnectAsync(options));
    }

    [Fact]
    public async Task Does_not_answer_keep_alive()
    {
        await using var controller = ScriptedController.Start();
        await using var connected = await controller.ConnectAsync(
            new NvmeConnectOptions { SubsystemNqn = "nqn.test", QueueCount = 0, KeepAlive = TimeSpan.FromMilliseconds(300), AsyncEventRequests = 0 });
        var report = await connected.Ended.WaitAsync(TargetFixture.Patience);
        Assert.Contains(report.Cause, new[] { TeardownCause.TimedOut, TeardownCause.KeepAliveExpired });
        Assert.Contains((byte)AdminOpcode.KeepAlive, controller.Seen);
    }

    [Fact]
    public async Task Answers_keep_alive_with_an_error()
    {
        await using var controller = ScriptedController.Start();
        controller.OnCommand = static (_, command) =>
        {
            if (command.Entry.Opcode != (byte)AdminOpcode.KeepAlive)
            {
                return false;
            }

            ScriptedController.Complete(command, NvmeStatus.KeepAliveTimeoutExpired);
            return true;
        };
        await using var connected = await controller.ConnectAsync(
            new NvmeConnectOptions { SubsystemNqn = "nqn.test", QueueCount = 0, KeepAlive = TimeSpan.FromMilliseconds(100) });
        Assert.Equal(TeardownCause.KeepAliveExpired, (await connected.Ended.WaitAsync(TargetFixture.Patience)).Cause);
    }

    [Fact]
    public async Task Ignores_the_shutdown()
    {
        await using var controller = ScriptedController.Start();
        var connected = await controller.ConnectAsync(
            new NvmeConnectOptions { SubsystemNqn = "nqn.test", QueueCount = 0, KeepAlive = TimeSpan.Zero, ShutdownTimeout = TimeSpan.FromMilliseconds(200) });
        controller.OnCommand = static (_, command) => AnswerStatus(command, new ControllerStatus { Ready = true });
        await connected.DisposeAsync().AsTask().WaitAsync(TargetFixture.Patience);
        Assert.Equal(TeardownCause.LocalClose, (await connected.Ended).Cause);
    }

    [Fact]
    public async Task Says_nothing_any_more_when_it_is_shut_down()
    {
        await using var controller = ScriptedController.Start();

        // Only ShutdownTimeout is short.
        var connected = await controller.ConnectAsync(new NvmeConnectOptions
        {
            SubsystemNqn = "nqn.test",
            QueueCount = 0,
            KeepAlive = TimeSpan.Zero,
            ShutdownTimeout = TimeSpan.FromMilliseconds(100),
            AbortTimeout = TimeSpan.FromHours(1),
            AdminTimeout = TimeSpan.FromHours(1),
        });
        controller.OnCommand = static (self, command) => self.Ignore(command);
        await connected.DisposeAsync().AsTask().WaitAsync(TargetFixture.Patience);
        Assert.Equal(TeardownCause.LocalClose, (await connected.Ended).Cause);
    }

    [Fact]
    public async Task Says_nothing_and_the_caller_gives_up_connecting()
    {
        await using var controller = ScriptedController.Start();
        using var source = new CancellationTokenSource();
        controller.OnCommand = (self, command) =>
        {
            if (ScriptedController.IsConnect(command))
            {
                return false;
            }

            source.CancelAfter(1);
            return self.Ignore(command);
        };
        var options = new NvmeConnectOptions { SubsystemNqn = "nqn.test", AdminTimeout = TimeSpan.FromHours(1), AbortTimeout = TimeSpan.FromMilliseconds(100) };
        await Assert.ThrowsAsync<OperationCanceledException>(() => controller.Host.ConnectAsync(controller.EndPoint, options, source.Token))
            .WaitAsync(TargetFixture.Patience);
    }

    [Fact]
    public async Task Does_not_answer_connect_and_the_caller_gives_up()
    {
        await using var controller = ScriptedController.Start();
        using var source = new CancellationTokenSource();
        var life = new TaskCompletionSource<QueuePairLifecycle>();
        controller.OnCommand = (self, command) =>
        {
            life.TrySetResult(command.QueuePair.Lifecycle);
            return self.Ignore(command);
        };
        var options = new NvmeConnectOptions { SubsystemNqn = "nqn.test", AdminTimeout = TimeSpan.FromHours(1), AbortTimeout = TimeSpan.FromHours(1) };
        var connecting = controller.Host.ConnectAsync(controller.EndPoint, options, source.Token);
        var connection = await life.Task.WaitAsync(TargetFixture.Patience);
        await source.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => connecting).WaitAsync(TargetFixture.Patience);

        // Nothing follows a Connect that has no answer, not even its Abort.
        Assert.NotEqual(TeardownCause.ProtocolError, (await connection.Completion.WaitAsync(TargetFixture.Patience)).Cause);
    }

    private static bool AnswerStatus(QueuePairCommand command, ControllerStatus status)
    {
        if (!command.Entry.IsFabrics() || command.Entry.FabricsCommandType != FabricsCommandType.PropertyGet)
        {
            return false;
        }

        if (PropertyCommand.Of(in command.Entry).Offset != PropertyOffset.Status)
        {
            return false;
        }

        ScriptedController.Complete(command, result: status.Value);
        return true;
    }
}
