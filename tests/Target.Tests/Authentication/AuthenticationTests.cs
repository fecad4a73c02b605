using Nvmf.Abstractions.Authentication;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Target.Tests.Seam;
using Nvmf.Target.Tests.Support;

namespace Nvmf.Target.Tests.Authentication;

public class AuthenticationTests
{
    [Theory]
    [InlineData(DhChapHash.Sha256, DhChapGroup.Null, false)]
    [InlineData(DhChapHash.Sha384, DhChapGroup.Null, true)]
    [InlineData(DhChapHash.Sha512, DhChapGroup.Null, true)]
    [InlineData(DhChapHash.Sha256, DhChapGroup.Ffdhe2048, true)]
    [InlineData(DhChapHash.Sha384, DhChapGroup.Ffdhe3072, false)]
    [InlineData(DhChapHash.Sha512, DhChapGroup.Ffdhe4096, true)]
    public async Task A_host_that_knows_the_secret_is_served(DhChapHash hash, DhChapGroup group, bool mutual)
    {
        await using TestTarget target = ChapTarget.Create();
        (FakeQueuePair queue, ChapHost host, _) = await ChapTarget.ConnectAsync(target);
        host.Hashes = [hash];
        host.Groups = [group];
        Assert.Equal(NvmeStatus.AuthenticationRequired, await host.ProbeAsync());
        await host.AuthenticateAsync(mutual);
        Assert.Equal((byte)hash, host.Challenge[8]);
        Assert.Equal((byte)group, host.Challenge[9]);

        // Now it is a controller that is not enabled.
        Assert.Equal(NvmeStatus.CommandSequenceError, await host.ProbeAsync());
        Answer enabled = await queue.Send(new HostRequest(Commands.PropertySet(PropertyOffset.Configuration, TestHost.EnabledConfiguration))).AnswerAsync();
        Assert.Equal(NvmeStatus.Success, enabled.Status);
        Assert.Equal(NvmeStatus.Success, await host.ProbeAsync());
    }

    [Fact]
    public async Task The_targets_preference_counts_among_what_the_host_offers()
    {
        await using TestTarget target = ChapTarget.Create(subsystem: options =>
        {
            options.AuthenticationHashes.Add(DhChapHash.Sha512);
            options.AuthenticationHashes.Add(DhChapHash.Sha384);
            options.AuthenticationGroups.Add(DhChapGroup.Ffdhe2048);
            options.AuthenticationGroups.Add(DhChapGroup.Null);
        });
        (_, ChapHost host, _) = await ChapTarget.ConnectAsync(target);
        host.Hashes = [DhChapHash.Sha256, DhChapHash.Sha384];
        host.Groups = [DhChapGroup.Null, DhChapGroup.Ffdhe3072, DhChapGroup.Ffdhe2048];
        await host.AuthenticateAsync(mutual: true);
        Assert.Equal((byte)DhChapHash.Sha384, host.Challenge[8]);
        Assert.Equal((byte)DhChapGroup.Ffdhe2048, host.Challenge[9]);

        foreach ((DhChapHash hash, DhChapGroup group, DhChapFailureReason reason) in new[]
        {
            (DhChapHash.Sha256, DhChapGroup.Null, DhChapFailureReason.HashNotUsable),
            (DhChapHash.Sha384, DhChapGroup.Ffdhe8192, DhChapFailureReason.GroupNotUsable),
        })
        {
            (_, ChapHost other, _) = await ChapTarget.ConnectAsync(target);
            other.Hashes = [hash];
            other.Groups = [group];
            Assert.Equal(NvmeStatus.Success, await other.SendAsync(other.Negotiate()));
            await other.ExpectFailureAsync(reason);
        }
    }

    [Fact]
    public async Task Until_then_nothing_but_authentication_is_executed_on_an_admin_queue()
    {
        await using TestTarget target = ChapTarget.Create();
        (FakeQueuePair queue, ChapHost host, _) = await ChapTarget.ConnectAsync(target);
        HostRequest[] requests =
        [
            new(Commands.PropertyGet(PropertyOffset.Capabilities, wide: true)),
            new(Commands.PropertySet(PropertyOffset.Configuration, TestHost.EnabledConfiguration)),
            Commands.Identify(IdentifyCns.Controller),
            Commands.GetLog(LogPageIdentifier.ErrorInformation, 64),
            Commands.SetFeatures(FeatureIdentifier.NumberOfQueues, 0),
            new(Commands.Admin(AdminOpcode.AsynchronousEventRequest)),
            new(Commands.Admin(AdminOpcode.KeepAlive)),
            Commands.Abort(0, 1),
        ];
        foreach (HostRequest request in requests)
        {
            Assert.Equal(NvmeStatus.AuthenticationRequired.WithDoNotRetry(), (await queue.Send(request).AnswerAsync()).Status);
        }

        Answer connect = await queue.Send(Commands.Connect(Commands.Connect(0), Commands.ConnectData(TestTarget.SubsystemNqn))).AnswerAsync();
        Assert.Equal(NvmeStatus.CommandSequenceError, connect.Code);
        Assert.Equal(ControllerState.Disabled, Assert.Single(target.Target.Controllers).State);
        await host.AuthenticateAsync();
    }

    [Fact]
    public async Task An_io_queue_authenticates_for_itself()
    {
        await using TestTarget target = ChapTarget.Create();
        target.AddMemory();
        (FakeQueuePair admin, _, ushort controller) = await ChapTarget.EnableAsync(target);
        Assert.Equal(NvmeStatus.Success, (await admin.Send(Commands.SetFeatures(FeatureIdentifier.NumberOfQueues, 0x1_0001)).AnswerAsync()).Status);
        (FakeQueuePair io, ChapHost host) = await ChapTarget.ConnectIoAsync(target, controller);
        Assert.Equal(NvmeStatus.AuthenticationRequired, (await io.Send(Commands.Read(0, 1)).AnswerAsync()).Code);
        Assert.Equal(NvmeStatus.AuthenticationRequired, (await io.Send(Commands.Write(0, new byte[512])).AnswerAsync()).Code);
        Assert.Equal(NvmeStatus.AuthenticationRequired, (await io.Send(Commands.Flush()).AnswerAsync()).Code);
        await host.AuthenticateAsync(mutual: true);
        Assert.Equal(NvmeStatus.Success, (await io.Send(Commands.Write(0, new byte[512])).AnswerAsync()).Status);
        Assert.Equal(NvmeStatus.Success, (await io.Send(Commands.Read(0, 1)).AnswerAsync()).Status);
    }

    /// <summary>Fused commands are not found by their opcode alone.</summary>
    [Fact]
    public async Task A_fused_pair_does_not_get_around_authentication()
    {
        await using TestTarget target = ChapTarget.Create();
        var backend = new GatedBackend();
        target.Subsystem.AddNamespace(new NamespaceOptions(), backend);
        (_, _, ushort controller) = await ChapTarget.EnableAsync(target);
        (FakeQueuePair io, ChapHost host) = await ChapTarget.ConnectIoAsync(target, controller);
        (HostRequest compare, HostRequest write) = Commands.Fused(0, new byte[512], [.. Enumerable.Repeat((byte)7, 512)]);
        write.Entry.CommandId = 1;
        io.Send(compare);
        io.Send(write);
        Assert.False((await compare.AnswerAsync()).Status.IsSuccess);
        Assert.False((await write.AnswerAsync()).Status.IsSuccess);
        Assert.Equal(0, backend.Submitted);
        await host.AuthenticateAsync();
        (compare, write) = Commands.Fused(0, new byte[512], [.. Enumerable.Repeat((byte)7, 512)]);
        write.Entry.CommandId = 1;
        io.Send(compare);
        io.Send(write);
        Assert.True((await write.AnswerAsync()).Status.IsSuccess);
    }

    [Fact]
    public async Task A_wrong_key_a_reply_of_before_and_a_challenge_thrown_back_fail()
    {
        await using TestTarget target = ChapTarget.Create();
        (_, ChapHost wrong, _) = await ChapTarget.ConnectAsync(target, ChapTarget.WrongKey);
        Assert.Equal(NvmeStatus.Success, await wrong.SendAsync(wrong.Negotiate()));
        Assert.Equal(NvmeStatus.Success, await wrong.SendAsync(wrong.Reply(await wrong.ReceiveAsync(), mutual: false)));
        Assert.Equal(NvmeStatus.AuthenticationRequired, await wrong.ProbeAsync());
        await wrong.ExpectFailureAsync(DhChapFailureReason.AuthenticationFailed);

        (_, ChapHost first, _) = await ChapTarget.ConnectAsync(target);
        Assert.Equal(NvmeStatus.Success, await first.SendAsync(first.Negotiate()));
        byte[] reply = first.Reply(await first.ReceiveAsync(), mutual: false);
        Assert.Equal(NvmeStatus.Success, await first.SendAsync(reply));
        first.CheckSuccess1(await first.ReceiveAsync(), mutual: false);
        (_, ChapHost second, _) = await ChapTarget.ConnectAsync(target);
        Assert.Equal(NvmeStatus.Success, await second.SendAsync(second.Negotiate()));
        await second.ReceiveAsync();
        Assert.Equal(NvmeStatus.Success, await second.SendAsync(reply));
        await second.ExpectFailureAsync(DhChapFailureReason.AuthenticationFailed);

        (_, ChapHost mirror, _) = await ChapTarget.ConnectAsync(target);
        Assert.Equal(NvmeStatus.Success, await mirror.SendAsync(mirror.Negotiate()));
        byte[] challenge = await mirror.ReceiveAsync();
        byte[] thrownBack = mirror.Reply(challenge, mutual: true);
        challenge.AsSpan(16, 32).CopyTo(thrownBack.AsSpan(48));
        Assert.Equal(NvmeStatus.Success, await mirror.SendAsync(thrownBack));
        await mirror.ExpectFailureAsync(DhChapFailureReason.AuthenticationFailed);
    }

    [Fact]
    public async Task A_host_that_wants_a_proof_of_a_subsystem_without_secret_is_refused()
    {
        await using TestTarget target = ChapTarget.Create(controllerSecret: false);
        (_, ChapHost host, _) = await ChapTarget.ConnectAsync(target);
        Assert.Equal(NvmeStatus.Success, await host.SendAsync(host.Negotiate()));
        Assert.Equal(NvmeStatus.Success, await host.SendAsync(host.Reply(await host.ReceiveAsync(), mutual: true)));
        await host.ExpectFailureAsync(DhChapFailureReason.AuthenticationFailed);
    }

    [Fact]
    public async Task A_host_that_asked_for_a_proof_is_served_when_it_accepts_it()
    {
        await using TestTarget target = ChapTarget.Create();
        (_, ChapHost host, _) = await ChapTarget.ConnectAsync(target);
        await SendUpToSuccess1Async(host);
        Assert.Equal(NvmeStatus.AuthenticationRequired, await host.ProbeAsync());
        Assert.Equal(NvmeStatus.Success, await host.SendAsync(host.Success2()));
        Assert.Equal(NvmeStatus.CommandSequenceError, await host.ProbeAsync());

        (FakeQueuePair refused, ChapHost other, _) = await ChapTarget.ConnectAsync(target);
        await SendUpToSuccess1Async(other);
        Assert.Equal(NvmeStatus.Success, await other.SendAsync(other.Failure2(DhChapFailureReason.AuthenticationFailed)));
        Assert.Equal(TeardownCause.AuthenticationFailed, (await refused.Closed).Cause);
    }

    [Fact]
    public async Task A_live_queue_authenticates_again_while_commands_go_on()
    {
        await using TestTarget target = ChapTarget.Create();
        (FakeQueuePair queue, ChapHost host, _) = await ChapTarget.EnableAsync(target);
        for (int i = 0; i < 2; i++)
        {
            host.TransactionId++;
            host.Groups = [DhChapGroup.Ffdhe2048];
            Assert.Equal(NvmeStatus.Success, await host.SendAsync(host.Negotiate()));
            Assert.Equal(NvmeStatus.Success, await host.ProbeAsync());
            byte[] reply = host.Reply(await host.ReceiveAsync(), mutual: false);
            Assert.Equal(NvmeStatus.Success, await host.ProbeAsync());
            Assert.Equal(NvmeStatus.Success, await host.SendAsync(reply));
            host.CheckSuccess1(await host.ReceiveAsync(), mutual: false);
        }

        // Its deadline ended with it; and a message out of nowhere is no reason to end a queue that is authenticated.
        target.Advance(TimeSpan.FromMinutes(1) - TimeSpan.FromMilliseconds(1));
        Assert.Equal(NvmeStatus.CommandSequenceError, (await host.Receive().AnswerAsync()).Code);
        Assert.Equal(QueuePairState.Live, queue.Lifecycle.State);
    }

    [Fact]
    public async Task A_live_queue_that_fails_to_authenticate_again_ends()
    {
        await using TestTarget target = ChapTarget.Create();
        (FakeQueuePair queue, _, _) = await ChapTarget.EnableAsync(target);
        var imposter = new ChapHost(queue, ChapTarget.WrongKey) { TransactionId = 9 };
        Assert.Equal(NvmeStatus.Success, await imposter.SendAsync(imposter.Negotiate()));
        Assert.Equal(NvmeStatus.Success, await imposter.SendAsync(imposter.Reply(await imposter.ReceiveAsync(), mutual: false)));
        await imposter.ExpectFailureAsync(DhChapFailureReason.AuthenticationFailed);
    }

    [Fact]
    public async Task Who_has_no_secret_cannot_authenticate_and_need_not()
    {
        await using var target = new TestTarget();
        TestHost host = await target.ConnectAsync();
        var chap = new ChapHost(host.Admin, ChapTarget.Key);
        Assert.Equal(NvmeStatus.InvalidOpcode.WithDoNotRetry(), await chap.SendAsync(chap.Negotiate()));
        Assert.Equal(NvmeStatus.InvalidOpcode, (await chap.Receive().AnswerAsync()).Code);

        // Discovery is for everybody, whatever a subsystem asks for.
        await using TestTarget closed = ChapTarget.Create(subsystem: static options => options.RequireAuthentication = true);
        TestHost discovery = await closed.ConnectAsync(Nqn.Discovery);
        Assert.Contains(TestTarget.SubsystemNqn, await DiscoveryLogReader.NqnsAsync(discovery));
    }

    private static async Task SendUpToSuccess1Async(ChapHost host)
    {
        Assert.Equal(NvmeStatus.Success, await host.SendAsync(host.Negotiate()));
        Assert.Equal(NvmeStatus.Success, await host.SendAsync(host.Reply(await host.ReceiveAsync(), mutual: true)));
        host.CheckSuccess1(await host.ReceiveAsync(), mutual: true);
    }
}
