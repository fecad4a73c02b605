using Nvmf.Abstractions.Authentication;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Target.Tests.Seam;
using Nvmf.Target.Tests.Support;

namespace Nvmf.Target.Tests.Authentication;

/// <summary>Who has a secret, and what that means, at the beginning and later.</summary>
public class SecretTests
{
    private const string OtherHost = "nqn.2025-06.test:other-host";

    [Fact]
    public async Task Hosts_with_secrets_are_on_the_list_and_others_are_not()
    {
        await using TestTarget target = ChapTarget.Create();
        Assert.False(target.Subsystem.AllowAnyHost);
        Assert.Equal([Commands.HostNqn], target.Subsystem.AllowedHosts);
        Assert.Equal([Commands.HostNqn], target.Subsystem.HostsWithSecrets);
        Assert.Equal(NvmeStatus.ConnectInvalidHost, await ConnectAsync(target, OtherHost));
        target.Subsystem.AllowHost(OtherHost);
        TestHost host = await target.ConnectAsync(hostNqn: OtherHost);
        await host.SucceedAsync(Commands.Identify(IdentifyCns.Controller));
    }

    [Fact]
    public async Task Where_authentication_is_required_a_host_without_secret_is_refused_and_sees_nothing()
    {
        await using var target = new TestTarget(subsystem: static options =>
        {
            options.AllowAnyHost = true;
            options.RequireAuthentication = true;
        });
        Assert.True(target.Subsystem.RequiresAuthentication);
        Assert.Equal(NvmeStatus.ConnectInvalidHost, await ConnectAsync(target, Commands.HostNqn));
        TestHost discovery = await target.ConnectAsync(Nqn.Discovery);
        Assert.DoesNotContain(TestTarget.SubsystemNqn, await DiscoveryLogReader.NqnsAsync(discovery));
        target.Subsystem.AllowHost(Commands.HostNqn);
        Assert.Equal(NvmeStatus.ConnectInvalidHost, await ConnectAsync(target, Commands.HostNqn));

        target.Subsystem.AllowHost(Commands.HostNqn, ChapTarget.Secrets(ChapTarget.Key));
        Assert.Contains(TestTarget.SubsystemNqn, await DiscoveryLogReader.NqnsAsync(discovery));
        (_, ChapHost host, _) = await ChapTarget.ConnectAsync(target);
        await host.AuthenticateAsync();
    }

    [Fact]
    public async Task New_secrets_hold_for_new_queues_and_the_removal_of_a_host_for_all()
    {
        await using TestTarget target = ChapTarget.Create();
        (FakeQueuePair live, ChapHost old, _) = await ChapTarget.EnableAsync(target);
        using (var secret = new DhChapSecret(null, ChapTarget.WrongKey))
        {
            target.Subsystem.AllowHost(Commands.HostNqn, new HostSecrets(secret));
        }

        // A copy: the caller has overwritten his.
        Assert.Equal(NvmeStatus.Success, await old.ProbeAsync());
        (_, ChapHost stale, _) = await ChapTarget.ConnectAsync(target);
        Assert.Equal(NvmeStatus.Success, await stale.SendAsync(stale.Negotiate()));
        Assert.Equal(NvmeStatus.Success, await stale.SendAsync(stale.Reply(await stale.ReceiveAsync(), mutual: false)));
        await stale.ExpectFailureAsync(DhChapFailureReason.AuthenticationFailed);
        (_, ChapHost fresh, _) = await ChapTarget.ConnectAsync(target, ChapTarget.WrongKey);
        await fresh.AuthenticateAsync();

        await target.Subsystem.DisallowHostAsync(Commands.HostNqn).WaitAsync(TestTimeouts.Long);
        Assert.Equal(TeardownCause.HostRemoved, (await live.Closed).Cause);
        Assert.Empty(target.Subsystem.HostsWithSecrets);
        target.Subsystem.AllowHost(Commands.HostNqn);
        await target.ConnectAsync();
    }

    [Fact]
    public async Task A_host_that_loses_its_secret_in_the_middle_fails()
    {
        await using TestTarget target = ChapTarget.Create(subsystem: static options => options.AllowAnyHost = true);
        (_, ChapHost host, _) = await ChapTarget.ConnectAsync(target);
        await target.Subsystem.DisallowHostAsync(Commands.HostNqn).WaitAsync(TestTimeouts.Long);
        Assert.Equal(NvmeStatus.Success, await host.SendAsync(host.Negotiate()));
        await host.ExpectFailureAsync(DhChapFailureReason.AuthenticationFailed);
    }

    [Fact]
    public async Task An_io_queue_of_a_host_that_has_got_a_secret_must_authenticate()
    {
        await using var target = new TestTarget();
        target.AddMemory();
        TestHost host = await target.ConnectAsync();
        target.Subsystem.AllowHost(Commands.HostNqn, ChapTarget.Secrets(ChapTarget.Key));
        (FakeQueuePair io, ChapHost chap) = await ChapTarget.ConnectIoAsync(target, host.ControllerId);
        Assert.Equal(NvmeStatus.AuthenticationRequired, (await io.Send(Commands.Read(0, 1)).AnswerAsync()).Code);
        await chap.AuthenticateAsync();
        Assert.Equal(NvmeStatus.Success, (await io.Send(Commands.Read(0, 1)).AnswerAsync()).Status);
    }

    [Fact]
    public async Task An_io_queue_of_a_host_that_has_lost_its_secret_is_not_open_to_everybody()
    {
        await using TestTarget target = ChapTarget.Create(subsystem: static options => options.AllowAnyHost = true);
        target.AddMemory();
        (_, _, ushort controller) = await ChapTarget.EnableAsync(target);
        await target.Subsystem.DisallowHostAsync(Commands.HostNqn).WaitAsync(TestTimeouts.Long);
        (FakeQueuePair io, ChapHost host) = await ChapTarget.ConnectIoAsync(target, controller);
        Assert.Equal(NvmeStatus.AuthenticationRequired, (await io.Send(Commands.Read(0, 1)).AnswerAsync()).Code);
        Assert.Equal(NvmeStatus.Success, await host.SendAsync(host.Negotiate()));
        await host.ExpectFailureAsync(DhChapFailureReason.AuthenticationFailed);
    }

    [Fact]
    public void Options_that_make_no_sense_are_refused()
    {
        AssertRefused(static options => options.Secrets.Add("host", ChapTarget.Secrets(ChapTarget.Key)));
        AssertRefused(static options => options.AuthenticationHashes.Add((DhChapHash)4));
        AssertRefused(static options => options.AuthenticationGroups.Add((DhChapGroup)6));
        AssertRefused(static options =>
        {
            options.AuthenticationGroups.Add(DhChapGroup.Null);
            options.AuthenticationGroups.Add(DhChapGroup.Null);
        });
        Assert.Throws<ArgumentException>(() => new TestTarget(static options => options.AuthenticationTimeout = TimeSpan.Zero));
        Assert.Throws<ArgumentException>(() => new TestTarget(static options => options.MaxKeyExchanges = 0));
    }

    private static void AssertRefused(Action<SubsystemOptions> change) => Assert.Throws<ArgumentException>(() => new TestTarget(subsystem: change));

    private static async Task<NvmeStatus> ConnectAsync(TestTarget target, string hostNqn) =>
        (await target.Open().Send(Commands.Connect(Commands.Connect(0), Commands.ConnectData(TestTarget.SubsystemNqn, hostNqn: hostNqn))).AnswerAsync()).Code;
}
