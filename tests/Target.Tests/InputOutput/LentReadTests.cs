using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Target.Tests.Seam;
using Nvmf.Target.Tests.Support;

namespace Nvmf.Target.Tests.InputOutput;

/// <summary>Reads answered with the back end's own memory. That every reference comes back is checked by the target's pool.</summary>
public class LentReadTests
{
    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    [InlineData(false, true)]
    public async Task Lent_memory_goes_to_hosts_whose_transport_gathers(bool gathers, bool slow)
    {
        await using var target = new TestTarget();
        var backend = new LendingBackend(target.Pool) { Hold = slow };
        target.Subsystem.AddNamespace(new NamespaceOptions(), backend);
        TestHost host = await target.ConnectAsync();
        FakeQueuePair io = await ConnectIoAsync(target, host, gathers);
        foreach ((ulong start, uint blocks) in new (ulong, uint)[] { (0, 1), (5, 3), (0, 128), (127, 1) })
        {
            Task<Answer> read = host.IoAsync(io, Commands.Read(start, blocks));
            await ReleaseAsync(backend, read);
            Answer answer = await read;
            Assert.Equal(NvmeStatus.Success, answer.Status);
            Assert.Equal(backend.Memory.Span.Slice((int)start * 512, (int)blocks * 512).ToArray(), answer.Data);
        }

        Assert.Equal(gathers ? 0 : 4, backend.Filled);
    }

    [Fact]
    public async Task Commands_that_look_at_the_data_get_a_copy()
    {
        await using var target = new TestTarget();
        var backend = new LendingBackend(target.Pool);
        target.Subsystem.AddNamespace(new NamespaceOptions(), backend);
        TestHost host = await target.ConnectAsync();
        FakeQueuePair io = await host.ConnectIoAsync();
        byte[] data = backend.Memory.Span.Slice(512, 1024).ToArray();
        Assert.Equal(NvmeStatus.Success, (await host.IoAsync(io, Commands.Compare(1, data))).Status);
        Assert.Equal(NvmeStatus.Success, (await host.IoAsync(io, new HostRequest(Commands.InputOutput(InputOutputOpcode.Verify, 1, 2)))).Status);
        Assert.Equal(2, backend.Filled);
    }

    [Fact]
    public async Task What_was_lent_comes_back_when_the_read_fails()
    {
        await using var target = new TestTarget();
        var backend = new LendingBackend(target.Pool) { Answer = NvmeStatus.UnrecoveredReadError };
        target.Subsystem.AddNamespace(new NamespaceOptions(), backend);
        TestHost host = await target.ConnectAsync();
        FakeQueuePair io = await host.ConnectIoAsync();
        Assert.Equal(NvmeStatus.UnrecoveredReadError, (await host.IoAsync(io, Commands.Read(0, 3))).Status);
        backend.Answer = NvmeStatus.Success;
        backend.Missing = 1;
        Assert.Equal(NvmeStatus.InternalError, (await host.IoAsync(io, Commands.Read(0, 3))).Status);
        backend.Missing = -1;
        Assert.Equal(NvmeStatus.InternalError, (await host.IoAsync(io, Commands.Read(0, 3))).Status);
        backend.Missing = 0;
        backend.Exception = new InvalidOperationException("Halfway through.");
        Assert.Equal(NvmeStatus.InternalError, (await host.IoAsync(io, Commands.Read(0, 3))).Status);
        backend.Exception = null;
        Assert.Equal(1536, (await host.IoAsync(io, Commands.Read(0, 3))).Data.Length);
    }

    [Fact]
    public async Task A_loan_that_comes_after_the_queue_pair_has_gone_goes_back()
    {
        await using var target = new TestTarget { Deadlines = DrainDeadlines.Default with { Commands = TimeSpan.Zero } };
        var backend = new LendingBackend(target.Pool) { Hold = true };
        target.Subsystem.AddNamespace(new NamespaceOptions(), backend);
        TestHost host = await target.ConnectAsync();
        FakeQueuePair io = await host.ConnectIoAsync();
        host.Send(io, Commands.Read(0, 3));
        await WaitForAsync(() => backend.Held == 1);
        io.Close(TeardownCause.HostClosed);
        await io.Closed;
        backend.Release();
    }

    [Fact]
    public async Task Lent_memory_is_referenced_until_it_is_off_the_wire()
    {
        await using var target = new TestTarget();
        var backend = new LendingBackend(target.Pool);
        target.Subsystem.AddNamespace(new NamespaceOptions(), backend);
        TestHost host = await target.ConnectAsync();
        FakeQueuePair io = await host.ConnectIoAsync();
        io.HoldTransmissions = true;
        Assert.Equal(NvmeStatus.Success, (await host.IoAsync(io, Commands.Read(0, 2))).Status);
        Assert.True(backend.Memory.IsShared);
        io.Close(TeardownCause.HostClosed);
        await io.Closed;
        Assert.False(backend.Memory.IsShared);
    }

    private static async Task<FakeQueuePair> ConnectIoAsync(TestTarget target, TestHost host, bool gathers)
    {
        FakeQueuePair io = target.Open(configure: queuePair => queuePair.Limits = queuePair.Limits with { GathersData = gathers });
        HostRequest connect = Commands.Connect(Commands.Connect(1, 127), Commands.ConnectData(TestTarget.SubsystemNqn, host.ControllerId));
        Assert.Equal(NvmeStatus.Success, (await io.Send(connect).AnswerAsync()).Status);
        return io;
    }

    private static async Task ReleaseAsync(LendingBackend backend, Task read)
    {
        if (!backend.Hold)
        {
            return;
        }

        await WaitForAsync(() => backend.Held == 1 || read.IsCompleted);
        backend.Release();
    }

    private static async Task WaitForAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(TestTimeouts.Long);
        while (!condition())
        {
            await Task.Delay(1, patience.Token);
        }
    }
}
