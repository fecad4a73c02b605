using Nvmf.Abstractions.Lifecycle;
using Nvmf.Target;

namespace Nvmf.Hosting.Internal;

/// <summary>The tables of a <see cref="TargetRuntime"/> as one service.</summary>
internal sealed class NvmeTargetControl(TargetRuntime runtime) : INvmeTargetControl
{
    public NvmeTarget Target => runtime.Target;

    public IReadOnlyList<NvmeListenerInfo> Listeners => [.. runtime.Listeners.Listeners.Select(l => l.Info)];

    public IReadOnlyList<QueuePairInfo> QueuePairs => [.. runtime.Target.QueuePairs];

    public IReadOnlyList<ControllerInfo> Controllers => [.. runtime.Target.Controllers];

    public IReadOnlyList<NvmeSubsystemInfo> Subsystems => runtime.Subsystems.Info;

    public async Task<NvmeListenerInfo> AddListenerAsync(string address, CancellationToken cancellationToken) =>
        (await runtime.Listeners.AddAsync(address, cancellationToken).ConfigureAwait(false)).Info;

    public Task<IReadOnlyList<DrainReport>> RemoveListenerAsync(string address, CancellationToken cancellationToken) =>
        runtime.Listeners.RemoveAsync(address, TimeSpan.Zero, cancellationToken);

    public Task<IReadOnlyList<DrainReport>> RemoveListenerAsync(string address, TimeSpan grace, CancellationToken cancellationToken) =>
        runtime.Listeners.RemoveAsync(address, grace, cancellationToken);

    public Task AddSubsystemAsync(NvmeSubsystemOptions options, CancellationToken cancellationToken) =>
        runtime.Subsystems.AddAsync(options, cancellationToken);

    public Task<IReadOnlyList<DrainReport>> RemoveSubsystemAsync(string nqn, CancellationToken cancellationToken) =>
        runtime.Subsystems.RemoveAsync(nqn).WaitAsync(cancellationToken);

    public Task<uint> AddNamespaceAsync(string nqn, NvmeNamespaceOptions options, CancellationToken cancellationToken) =>
        runtime.Subsystems.AddNamespaceAsync(nqn, options, cancellationToken);

    public Task RemoveNamespaceAsync(string nqn, uint nsid, CancellationToken cancellationToken) =>
        runtime.Subsystems.RemoveNamespaceAsync(nqn, nsid).WaitAsync(cancellationToken);

    public Task ResizeNamespaceAsync(string nqn, uint nsid, long sizeInBytes, CancellationToken cancellationToken) =>
        runtime.Subsystems.ResizeNamespaceAsync(nqn, nsid, sizeInBytes, cancellationToken);

    public void AllowHost(string nqn, string hostNqn) => runtime.Subsystems.AllowHost(nqn, hostNqn);

    public void AllowHost(string nqn, NvmeHostSecretOptions host) => runtime.Subsystems.AllowHost(nqn, host);

    public Task<IReadOnlyList<DrainReport>> SetAllowAnyHostAsync(string nqn, bool allow, CancellationToken cancellationToken) =>
        runtime.Subsystems.SetAllowAnyHostAsync(nqn, allow).WaitAsync(cancellationToken);

    public Task<IReadOnlyList<DrainReport>> RemoveHostAsync(string nqn, string hostNqn, CancellationToken cancellationToken) =>
        runtime.Subsystems.RemoveHostAsync(nqn, hostNqn).WaitAsync(cancellationToken);
}
