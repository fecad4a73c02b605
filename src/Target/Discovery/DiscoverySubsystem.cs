using System.Runtime.CompilerServices;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Target.Controllers;

namespace Nvmf.Target.Discovery;

/// <summary>
/// The discovery subsystem: on every port, for every host. Its log shows a host the subsystems that would let it in. Any thread.
/// </summary>
internal sealed class DiscoverySubsystem(NvmeTarget target)
{
    private const int MaxControllers = 1024;

    // A host reads the log in pieces; they must be pieces of one log.
    private readonly ConditionalWeakTable<Controller, DiscoveryLog> _logs = [];
    private ulong _generation = 1;

    public ControllerTable Controllers { get; } = new(target, subsystem: null, MaxControllers, minId: 1, maxId: ControllerIdentifiers.Max);

    /// <summary>Generation counter of the log.</summary>
    public ulong Generation => Interlocked.Read(ref _generation);

    /// <summary>Subsystems, ports or allowed hosts are not what they were.</summary>
    public void OnChanged()
    {
        Interlocked.Increment(ref _generation);
        foreach (Controller controller in Controllers.Snapshot())
        {
            controller.Events.Raise(AsynchronousEvents.DiscoveryLogChange);
        }
    }

    /// <summary>The log as this controller's host may see it.</summary>
    public ReadOnlyMemory<byte> ReadLog(Controller controller)
    {
        // Before looking at anything: a change in the middle then shows as a newer generation at the next read.
        ulong generation = Generation;
        if (!_logs.TryGetValue(controller, out DiscoveryLog? log) || log.Generation != generation)
        {
            log = DiscoveryLog.Build(target, controller, generation);
            _logs.AddOrUpdate(controller, log);
        }

        return log.Page;
    }

    public Task CloseAsync() => Controllers.CloseAsync(TeardownCause.ProcessStop);
}
