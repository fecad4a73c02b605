using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Target.Tests.Seam;

namespace Nvmf.Target.Tests.Support;

/// <summary>A host: an admin queue, I/O queues, and commands by which it gets what it wants.</summary>
public sealed class TestHost
{
    public const uint EnabledConfiguration = 0x0046_0001;

    private readonly TestTarget _target;
    private readonly string _nqn;
    private readonly string _hostNqn;
    private readonly Guid? _hostId;
    private int _lastCommandId;

    private TestHost(TestTarget target, string nqn, string hostNqn, Guid? hostId, FakeQueuePair admin, ushort controllerId)
    {
        _target = target;
        _nqn = nqn;
        _hostNqn = hostNqn;
        _hostId = hostId;
        Admin = admin;
        ControllerId = controllerId;
    }

    public FakeQueuePair Admin { get; }

    public ushort ControllerId { get; }

    public static async Task<TestHost> ConnectAsync(
        TestTarget target, string nqn, string hostNqn, uint keepAlive = 5000, TargetPort? port = null, FakeLoop? loop = null, Guid? hostId = null)
    {
        FakeQueuePair admin = target.Open(port, loop);
        Answer answer = await admin.Send(Commands.Connect(Commands.Connect(0, keepAlive: keepAlive), Commands.ConnectData(nqn, hostNqn: hostNqn, hostId: hostId))).AnswerAsync();
        Assert.Equal(NvmeStatus.Success, answer.Status);
        return new TestHost(target, nqn, hostNqn, hostId, admin, (ushort)answer.Completion.Dword0);
    }

    public async Task EnableAsync()
    {
        Answer answer = await SetPropertyAsync(PropertyOffset.Configuration, EnabledConfiguration);
        Assert.Equal(NvmeStatus.Success, answer.Status);
        Assert.Equal(1u, await GetStatusAsync());
    }

    public Task<Answer> SetPropertyAsync(PropertyOffset offset, ulong value) => AdminAsync(new HostRequest(Commands.PropertySet(offset, value)));

    public async Task<uint> GetStatusAsync() => (await AdminAsync(new HostRequest(Commands.PropertyGet(PropertyOffset.Status)))).Completion.Dword0;

    public HostRequest Send(FakeQueuePair queue, HostRequest request)
    {
        request.Entry.CommandId = (ushort)(Interlocked.Increment(ref _lastCommandId) + 0x100);
        return queue.Send(request);
    }

    public Task<Answer> AdminAsync(HostRequest request) => Send(Admin, request).AnswerAsync();

    public async Task<Answer> SucceedAsync(HostRequest request)
    {
        Answer answer = await AdminAsync(request);
        Assert.Equal(NvmeStatus.Success, answer.Status);
        return answer;
    }

    public async Task<FakeQueuePair> ConnectIoAsync(ushort queueId = 1, ushort size = 127, FakeLoop? loop = null, ConnectAttributes attributes = ConnectAttributes.None)
    {
        FakeQueuePair queue = _target.Open(_target.Port, loop);
        Answer answer = await queue.Send(
            Commands.Connect(Commands.Connect(queueId, size, attributes: attributes), Commands.ConnectData(_nqn, ControllerId, _hostNqn, _hostId))).AnswerAsync();
        Assert.Equal(NvmeStatus.Success, answer.Status);
        return queue;
    }

    public Task<Answer> IoAsync(FakeQueuePair queue, HostRequest request) => Send(queue, request).AnswerAsync();

    public async Task CloseAsync()
    {
        Admin.Close(TeardownCause.HostClosed);
        await Admin.Closed;
    }
}
