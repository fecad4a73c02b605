using Nvmf.Abstractions.Authentication;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Initiator.Multipath;
using Nvmf.Initiator.Tests.Fakes;

namespace Nvmf.Initiator.Tests.Authentication;

/// <summary>Our host and our target, over TCP.</summary>
public class AuthenticationTests
{
    public static TheoryData<DhChapHash, DhChapGroup> Pairs()
    {
        var pairs = new TheoryData<DhChapHash, DhChapGroup>();
        foreach (var hash in Enum.GetValues<DhChapHash>())
        {
            foreach (var group in new[] { DhChapGroup.Null, DhChapGroup.Ffdhe2048, DhChapGroup.Ffdhe3072, DhChapGroup.Ffdhe4096 })
            {
                pairs.Add(hash, group);
            }
        }

        pairs.Add(DhChapHash.Sha384, DhChapGroup.Ffdhe6144);
        pairs.Add(DhChapHash.Sha512, DhChapGroup.Ffdhe8192);
        return pairs;
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task Both_prove_themselves_on_every_queue(DhChapHash hash, DhChapGroup group)
    {
        await using var fixture = await TargetFixture.StartAsync();
        TestSecrets.Require(fixture.Subsystem);
        await using var controller = await fixture.ConnectAsync(
            TestSecrets.Options(controller: TestSecrets.Controller) with { QueueCount = 2, AuthenticationHashes = [hash], AuthenticationGroups = [group] });
        var disk = await controller.OpenNamespaceAsync(1);
        await disk.WriteAsync(3, new byte[TargetFixture.BlockSize]);
        await disk.ReadAsync(3, new byte[TargetFixture.BlockSize]);
        Assert.Equal(2, controller.IoQueues.Count);
    }

    [Fact]
    public async Task The_host_alone_proves_itself_and_nobody_where_nobody_asks()
    {
        await using var fixture = await TargetFixture.StartAsync();
        await using (await fixture.ConnectAsync(TestSecrets.Options(host: null)))
        {
        }

        // It has a secret, and is not asked for it.
        await using (await fixture.ConnectAsync(TestSecrets.Options()))
        {
        }

        TestSecrets.Require(fixture.Subsystem, controller: null);
        await using var controller = await fixture.ConnectAsync(TestSecrets.Options());
        await controller.IdentifyControllerAsync();
    }

    [Theory]
    [InlineData(TestSecrets.Wrong, null, DhChapFailureReason.AuthenticationFailed, "refuses host")]
    [InlineData(null, null, DhChapFailureReason.None, "no secret was given")]
    [InlineData(TestSecrets.Host, TestSecrets.Wrong, DhChapFailureReason.AuthenticationFailed, "did not prove")]
    [InlineData(TestSecrets.Wrong, TestSecrets.Controller, DhChapFailureReason.AuthenticationFailed, "refuses host")]
    public async Task Wrong_and_missing_secrets_end_the_attempt(string? host, string? controller, DhChapFailureReason reason, string message)
    {
        await using var fixture = await TargetFixture.StartAsync();
        TestSecrets.Require(fixture.Subsystem);
        var error = await Assert.ThrowsAsync<NvmeAuthenticationException>(() => fixture.ConnectAsync(TestSecrets.Options(host, controller)));
        Assert.Equal(reason, error.Reason);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        foreach (var secret in new[] { TestSecrets.Host, TestSecrets.Controller, TestSecrets.Wrong })
        {
            Assert.DoesNotContain(secret.Split(':')[2], error.ToString(), StringComparison.Ordinal);
        }

        await Eventually.IsTrueAsync(() => fixture.Target.QueuePairs.Count == 0, "queue pairs are left");
    }

    [Fact]
    public async Task A_controller_that_must_prove_itself_does_not_get_around_it_by_not_asking()
    {
        await using var fixture = await TargetFixture.StartAsync();
        var error = await Assert.ThrowsAsync<NvmeException>(() => fixture.ConnectAsync(TestSecrets.Options(controller: TestSecrets.Controller)));
        Assert.Equal(NvmeStatus.InvalidOpcode.WithDoNotRetry(), error.Status);
        Assert.Contains("Authentication Send", error.Message, StringComparison.Ordinal);

        TestSecrets.Require(fixture.Subsystem, controller: null);
        var refused = await Assert.ThrowsAsync<NvmeAuthenticationException>(() => fixture.ConnectAsync(TestSecrets.Options(controller: TestSecrets.Controller)));
        Assert.Equal(DhChapFailureReason.AuthenticationFailed, refused.Reason);
    }

    [Fact]
    public async Task Live_queues_authenticate_again_and_end_when_the_secret_has_changed()
    {
        await using var fixture = await TargetFixture.StartAsync();
        TestSecrets.Require(fixture.Subsystem);
        await using var controller = await fixture.ConnectAsync(TestSecrets.Options(controller: TestSecrets.Controller) with { QueueCount = 2 });
        var disk = await controller.OpenNamespaceAsync(1);
        for (var i = 0; i < 3; i++)
        {
            var write = disk.WriteAsync(1, new byte[TargetFixture.BlockSize]);
            await controller.ReauthenticateAsync().WaitAsync(TargetFixture.Patience);
            await write;
        }

        TestSecrets.Require(fixture.Subsystem, TestSecrets.Wrong);
        await disk.WriteAsync(1, new byte[TargetFixture.BlockSize]);
        await Assert.ThrowsAsync<NvmeAuthenticationException>(() => controller.ReauthenticateAsync().WaitAsync(TargetFixture.Patience));
        await controller.Ended.WaitAsync(TargetFixture.Patience);
    }

    [Fact]
    public async Task Paths_reconnect_and_authenticate_by_themselves_and_are_given_up_when_refused()
    {
        await using var fixture = await TargetFixture.StartAsync();
        TestSecrets.Require(fixture.Subsystem);
        var options = new NvmeMultipathOptions
        {
            Connect = TestSecrets.Options(controller: TestSecrets.Controller) with { QueueCount = 2 },
            ReconnectDelay = TimeSpan.FromMilliseconds(10),
        };
        await using var subsystem = await fixture.Host.ConnectSubsystemAsync([fixture.EndPoint], options).WaitAsync(TargetFixture.Patience);
        var disk = await subsystem.OpenNamespaceAsync(1);
        await disk.WriteAsync(0, new byte[TargetFixture.BlockSize]);
        foreach (var queuePair in fixture.Target.QueuePairs)
        {
            Assert.Equal(TestSecrets.HostNqn, queuePair.HostNqn);
        }

        fixture.BreakConnections();
        await disk.WriteAsync(0, new byte[TargetFixture.BlockSize]).AsTask().WaitAsync(TargetFixture.Patience);
        Assert.Equal(2, subsystem.Paths[0].Associations);

        TestSecrets.Require(fixture.Subsystem, TestSecrets.Wrong);
        fixture.BreakConnections();
        await Eventually.IsTrueAsync(() => subsystem.Paths[0].State == NvmePathState.Removed, "the path was not given up");
        Assert.IsType<NvmeAuthenticationException>(subsystem.Paths[0].LastError);
    }

    [Theory]
    [InlineData(FabricsCommandType.AuthenticationSend)]
    [InlineData(FabricsCommandType.AuthenticationReceive)]
    public async Task A_controller_that_falls_silent_is_left_at_the_deadline(FabricsCommandType silentAt)
    {
        await using var controller = ScriptedController.Start();
        controller.OnCommand = (self, command) =>
        {
            if (ScriptedController.IsConnect(command))
            {
                ScriptedController.Complete(command, result: ConnectResult.Success(1, ConnectResult.AuthenticationTransactionRequired));
                return true;
            }

            if (!command.Entry.IsFabrics() || command.Entry.FabricsCommandType == silentAt)
            {
                return self.Ignore(command);
            }

            ScriptedController.Complete(command);
            return true;
        };
        var options = TestSecrets.Options() with { AuthenticationTimeout = TimeSpan.FromMilliseconds(200) };
        var error = await Assert.ThrowsAsync<TimeoutException>(() => controller.ConnectAsync(options));
        Assert.Contains("Authentication", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_attempt_can_be_cancelled_in_the_middle()
    {
        await using var controller = ScriptedController.Start();
        using var cancel = new CancellationTokenSource();
        controller.OnCommand = (self, command) =>
        {
            if (ScriptedController.IsConnect(command))
            {
                ScriptedController.Complete(command, result: ConnectResult.Success(1, ConnectResult.AuthenticationTransactionRequired));
                return true;
            }

            ThreadPool.UnsafeQueueUserWorkItem(static source => source.Cancel(), cancel, preferLocal: false);
            return self.Ignore(command);
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => controller.Host.ConnectAsync(controller.EndPoint, TestSecrets.Options(), cancel.Token).WaitAsync(TargetFixture.Patience));
    }

    /// <summary>Linux 6.12's target waits for ever for a message that would have fitted into the capsule and did not come in it.</summary>
    [Theory]
    [InlineData(4, false)]
    [InlineData(8, false)]
    [InlineData(9, true)]
    public async Task Messages_of_an_io_queue_keep_to_what_the_controller_said_of_its_capsules(uint capsuleSize, bool inCapsule)
    {
        await using var controller = ScriptedController.Start();
        controller.Identity.IoQueueCommandCapsuleSize = capsuleSize;
        bool? seen = null;
        controller.OnCommand = (_, command) =>
        {
            ref readonly var entry = ref command.Entry;
            if (ScriptedController.IsConnect(command) && ConnectCommand.Of(in entry) is { QueueId: not 0 } connect)
            {
                command.QueuePair.OnConnected(new QueuePairParameters(connect.QueueId, connect.SubmissionQueueSize + 1, false));
                ScriptedController.Complete(command, result: ConnectResult.Success(1, ConnectResult.AuthenticationTransactionRequired));
                return true;
            }

            if (!entry.IsFabrics() || entry.FabricsCommandType != FabricsCommandType.AuthenticationSend)
            {
                return false;
            }

            seen = !command.InCapsuleData.IsEmpty;
            ScriptedController.Complete(command, NvmeStatus.InvalidField.WithDoNotRetry());
            return true;
        };

        // AUTH_Negotiate has 72 bytes; 64 of a capsule are the entry.
        await Assert.ThrowsAsync<NvmeException>(() => controller.ConnectAsync(TestSecrets.Options() with { QueueCount = 1, KeepAlive = TimeSpan.Zero }));
        Assert.Equal(inCapsule, seen);
    }

    [Fact]
    public void Options_that_make_no_sense_are_refused()
    {
        Assert.Throws<ArgumentException>(() => (TestSecrets.Options(host: null) with { ControllerSecret = DhChapSecret.Parse(TestSecrets.Controller) }).Validate());
        Assert.Throws<ArgumentException>(() => (TestSecrets.Options() with { AuthenticationHashes = [] }).Validate());
        Assert.Throws<ArgumentException>(() => (TestSecrets.Options() with { AuthenticationGroups = [DhChapGroup.Null, DhChapGroup.Null] }).Validate());
        Assert.Throws<ArgumentException>(() => (TestSecrets.Options() with { AuthenticationGroups = [(DhChapGroup)17] }).Validate());
        Assert.Throws<ArgumentOutOfRangeException>(() => (TestSecrets.Options() with { AuthenticationTimeout = TimeSpan.Zero }).Validate());
        Assert.DoesNotContain(TestSecrets.Host.Split(':')[2], TestSecrets.Options().ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_end_of_a_refused_host_has_its_cause()
    {
        await using var fixture = await TargetFixture.StartAsync();
        TestSecrets.Require(fixture.Subsystem);
        await Assert.ThrowsAsync<NvmeAuthenticationException>(() => fixture.ConnectAsync(TestSecrets.Options(TestSecrets.Wrong)));
        var report = Assert.Single(await fixture.EndsAsync());
        Assert.Equal(TeardownCause.AuthenticationFailed, report.Cause);
        Assert.Equal(0, report.QuarantinedBytes);
    }
}
