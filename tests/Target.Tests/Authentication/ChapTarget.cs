using Nvmf.Abstractions.Authentication;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Tests.Seam;
using Nvmf.Target.Tests.Support;

namespace Nvmf.Target.Tests.Authentication;

/// <summary>A target whose host <see cref="Commands.HostNqn"/> must authenticate; the keys are used as they are.</summary>
internal static class ChapTarget
{
    public static byte[] Key { get; } = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];

    public static byte[] ControllerKey { get; } = [.. Enumerable.Range(101, 48).Select(i => (byte)i)];

    public static byte[] WrongKey { get; } = [.. Enumerable.Range(2, 32).Select(i => (byte)i)];

    public static TestTarget Create(bool controllerSecret = true, Action<NvmeTargetOptions>? options = null, Action<SubsystemOptions>? subsystem = null) => new(
        options,
        subsystemOptions =>
        {
            subsystemOptions.Secrets.Add(Commands.HostNqn, Secrets(Key, controllerSecret ? ControllerKey : null));
            subsystem?.Invoke(subsystemOptions);
        });

    public static HostSecrets Secrets(byte[] key, byte[]? controllerKey = null) =>
        new(new DhChapSecret(null, key), controllerKey == null ? null : new DhChapSecret(null, controllerKey));

    /// <summary>Connects an admin queue, which must be told to authenticate.</summary>
    public static async Task<(FakeQueuePair Queue, ChapHost Host, ushort ControllerId)> ConnectAsync(TestTarget target, byte[]? key = null)
    {
        FakeQueuePair queue = target.Open();
        ushort controller = await ConnectAsync(queue, 0, 0xFFFF);
        return (queue, new ChapHost(queue, key ?? Key, ControllerKey), controller);
    }

    /// <summary>Connects an I/O queue, which must be told to authenticate.</summary>
    public static async Task<(FakeQueuePair Queue, ChapHost Host)> ConnectIoAsync(TestTarget target, ushort controllerId, ushort queueId = 1)
    {
        FakeQueuePair queue = target.Open();
        await ConnectAsync(queue, queueId, controllerId);
        return (queue, new ChapHost(queue, Key, ControllerKey));
    }

    /// <summary>An authenticated, enabled controller.</summary>
    public static async Task<(FakeQueuePair Queue, ChapHost Host, ushort ControllerId)> EnableAsync(TestTarget target)
    {
        (FakeQueuePair queue, ChapHost host, ushort controller) = await ConnectAsync(target);
        await host.AuthenticateAsync();
        Answer enabled = await queue.Send(new HostRequest(Commands.PropertySet(PropertyOffset.Configuration, TestHost.EnabledConfiguration))).AnswerAsync();
        Assert.Equal(NvmeStatus.Success, enabled.Status);
        return (queue, host, controller);
    }

    private static async Task<ushort> ConnectAsync(FakeQueuePair queue, ushort queueId, ushort controllerId)
    {
        Answer answer = await queue.Send(Commands.Connect(Commands.Connect(queueId, keepAlive: 0), Commands.ConnectData(TestTarget.SubsystemNqn, controllerId))).AnswerAsync();
        Assert.Equal(NvmeStatus.Success, answer.Status);
        Assert.Equal(ConnectResult.AuthenticationTransactionRequired, answer.Completion.Dword0 & 0xFFFF_0000);
        return (ushort)answer.Completion.Dword0;
    }
}
