using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Namespaces;
using Nvmf.Target.Tests.Seam;
using Nvmf.Target.Tests.Support;

namespace Nvmf.Target.Tests.Controllers;

public class AsynchronousEventTests
{
    private const uint NamespaceNotice = 0x0004_0002;
    private const uint AnaNotice = 0x000C_0302;
    private const uint DiscoveryNotice = 0x0070_F002;

    [Fact]
    public async Task The_limit_is_AERL()
    {
        await using var target = new TestTarget();
        TestHost host = await target.ConnectAsync();
        HostRequest[] requests = [.. Enumerable.Range(0, 5).Select(_ => Request(host))];
        Assert.Equal(NvmeStatus.AsynchronousEventRequestLimitExceeded.WithDoNotRetry(), (await requests[4].AnswerAsync()).Status);
        Assert.All(requests[..4], request => Assert.False(request.IsAnswered));
        await host.CloseAsync();
        Assert.All(requests[..4], request => Assert.Equal(AnswerEnding.Dropped, request.Answer.Result.Ending));
    }

    [Fact]
    public async Task Nothing_comes_that_was_not_enabled()
    {
        await using var target = new TestTarget();
        TestHost host = await target.ConnectAsync();
        HostRequest request = Request(host);
        target.AddMemory();
        await target.Loop.SettleAsync();
        Assert.False(request.IsAnswered);

        // Nor later: the event was before.
        await host.SucceedAsync(Commands.SetFeatures(FeatureIdentifier.AsynchronousEventConfiguration, 0x100));
        Assert.False(request.IsAnswered);
        target.AddMemory();
        Assert.Equal(NamespaceNotice, (await request.AnswerAsync()).Completion.Dword0);
    }

    [Fact]
    public async Task An_event_waits_for_a_request_and_is_masked_until_its_page_is_read()
    {
        await using var target = new TestTarget();
        TestHost host = await target.ConnectAsync();
        await host.SucceedAsync(Commands.SetFeatures(FeatureIdentifier.AsynchronousEventConfiguration, 0x100));
        target.AddMemory(id: 7);
        await target.Loop.SettleAsync();
        Assert.Equal(NamespaceNotice, (await Request(host).AnswerAsync()).Completion.Dword0);

        HostRequest second = Request(host);
        target.AddMemory(id: 3);
        await target.Loop.SettleAsync();
        Assert.False(second.IsAnswered);

        // Retained: the list stays, and so does the mask.
        Assert.Equal(new uint[] { 3u, 7u, 0u }, await ChangedAsync(host, retain: true));
        await target.Loop.SettleAsync();
        Assert.False(second.IsAnswered);

        // Read: what was raised meanwhile is in the list.
        Assert.Equal(new uint[] { 3u, 7u, 0u }, await ChangedAsync(host, retain: false));
        await target.Loop.SettleAsync();
        Assert.False(second.IsAnswered);
        Assert.Equal(new uint[] { 0u, 0u, 0u }, await ChangedAsync(host, retain: false));

        Assert.True(await target.Subsystem.RemoveNamespaceAsync(3));
        Assert.Equal(NamespaceNotice, (await second.AnswerAsync()).Completion.Dword0);
        Assert.Equal(new uint[] { 3u, 0u, 0u }, await ChangedAsync(host, retain: false));
    }

    [Fact]
    public async Task Different_events_do_not_mask_each_other()
    {
        await using var target = new TestTarget();
        TestHost host = await target.ConnectAsync();
        await host.SucceedAsync(Commands.SetFeatures(FeatureIdentifier.AsynchronousEventConfiguration, 0x900));
        target.AddMemory();
        Assert.Equal(NamespaceNotice, (await Request(host).AnswerAsync()).Completion.Dword0);
        target.Port.AnaState = AnaState.Inaccessible;
        Assert.Equal(AnaNotice, (await Request(host).AnswerAsync()).Completion.Dword0);
        Answer log = await host.SucceedAsync(Commands.GetLog(LogPageIdentifier.AsymmetricNamespaceAccess, 64));
        Assert.Equal(1ul, WireStructure.Read<AnaLogHeader>(log.Data).ChangeCount);
        Assert.Equal(AnaState.Inaccessible, WireStructure.Read<AnaGroupDescriptor>(log.Data.AsSpan(16)).State);
        HostRequest third = Request(host);
        target.Port.AnaState = AnaState.Inaccessible;
        await target.Loop.SettleAsync();
        Assert.False(third.IsAnswered);
        target.Port.AnaState = AnaState.Optimized;
        Assert.Equal(AnaNotice, (await third.AnswerAsync()).Completion.Dword0);
    }

    [Fact]
    public async Task Only_announced_events_can_be_enabled()
    {
        await using var target = new TestTarget(subsystem: options => options.AnaReporting = false);
        TestHost host = await target.ConnectAsync();
        await host.SucceedAsync(Commands.SetFeatures(FeatureIdentifier.AsynchronousEventConfiguration, 0x11F));
        foreach (uint unknown in new uint[] { 1u << 9, 1u << 11, 1u << 12, 1u << 31 })
        {
            Answer answer = await host.AdminAsync(Commands.SetFeatures(FeatureIdentifier.AsynchronousEventConfiguration, unknown));
            Assert.Equal(NvmeStatus.InvalidField.WithDoNotRetry(), answer.Status);
        }

        Assert.Equal(0x11Fu, (await host.SucceedAsync(Commands.GetFeatures(FeatureIdentifier.AsynchronousEventConfiguration))).Completion.Dword0);
        TestHost discovery = await target.ConnectAsync(Nqn.Discovery);
        await discovery.SucceedAsync(Commands.SetFeatures(FeatureIdentifier.AsynchronousEventConfiguration, 1u << 31));
    }

    [Fact]
    public async Task Discovery_tells_of_subsystems_ports_and_hosts()
    {
        await using var target = new TestTarget();
        TestHost host = await target.ConnectAsync(Nqn.Discovery);
        await host.SucceedAsync(Commands.SetFeatures(FeatureIdentifier.AsynchronousEventConfiguration, 1u << 31));
        TargetPort? port = null;
        Func<Task>[] changes =
        [
            () => Task.FromResult(target.Target.AddSubsystem(new SubsystemOptions { Nqn = "nqn.2025-06.test:second" })),
            () => Task.FromResult(port = target.Target.AddPort(new TargetPortOptions { Address = "192.0.2.9", ServiceId = "4421" })),
            () => Task.FromResult(target.Target.RemovePort(port!)),
            () => target.Subsystem.SetAllowAnyHostAsync(false),
            () => Task.Run(() => target.Subsystem.AllowHost(Commands.HostNqn)),
            () => target.Subsystem.DisallowHostAsync(Commands.HostNqn),
            () => target.Target.RemoveSubsystemAsync("nqn.2025-06.test:second"),
        ];
        ulong generation = 0;
        foreach (Func<Task> change in changes)
        {
            HostRequest request = Request(host);
            await change();
            Assert.Equal(DiscoveryNotice, (await request.AnswerAsync()).Completion.Dword0);
            Answer log = await host.SucceedAsync(Commands.GetLog(LogPageIdentifier.Discovery, 1024));
            ulong now = WireStructure.Read<DiscoveryLogHeader>(log.Data).GenerationCounter;
            Assert.True(now > generation);
            generation = now;
        }
    }

    [Fact]
    public async Task A_request_can_be_aborted()
    {
        await using var target = new TestTarget();
        TestHost host = await target.ConnectAsync();
        HostRequest first = Request(host);
        HostRequest second = Request(host);
        Answer abort = await host.SucceedAsync(Commands.Abort(0, second.Entry.CommandId));
        Assert.Equal(0u, abort.Completion.Dword0);
        Assert.Equal(NvmeStatus.AbortRequested, (await second.AnswerAsync()).Status);
        Assert.False(first.IsAnswered);
        Assert.Equal(1u, (await host.SucceedAsync(Commands.Abort(0, second.Entry.CommandId))).Completion.Dword0);
    }

    [Fact]
    public async Task Too_many_changes_are_told_as_one_number()
    {
        await using var target = new TestTarget(subsystem: options => options.MaxNamespaces = 1024);
        TestHost host = await target.ConnectAsync();
        for (uint id = 1; id <= 1024; id++)
        {
            target.Subsystem.AddNamespace(new NamespaceOptions { NamespaceId = id }, new NullBackend(512));
        }

        uint[] list = await ChangedAsync(host, retain: false, entries: 1024);
        Assert.Equal(Enumerable.Range(1, 1024).Select(id => (uint)id), list);
    }

    private static HostRequest Request(TestHost host) => host.Send(host.Admin, new HostRequest(Commands.Admin(AdminOpcode.AsynchronousEventRequest)));

    private static async Task<uint[]> ChangedAsync(TestHost host, bool retain, int entries = 3)
    {
        Answer answer = await host.SucceedAsync(Commands.GetLog(LogPageIdentifier.ChangedNamespaceList, 4096, retain: retain));
        return [.. Enumerable.Range(0, entries).Select(i => BitConverter.ToUInt32(answer.Data, i * 4))];
    }
}
