using Nvmf.Transport.Rdma.Adapter;
using Nvmf.Transport.Rdma.Tests.Virtual;

namespace Nvmf.Transport.Rdma.Tests.Schedules;

/// <summary>The virtual adapter sees the mistakes that it is there for.</summary>
public class NegativeControlTests
{
    [Fact]
    public void Writing_to_the_queue_pair_after_its_handler_is_caught() =>
        Assert.Equal("ibv_modify_qp on a destroyed queue pair", Violation(static naive => naive.HandleThenWrite()));

    [Fact]
    public void Destroying_under_an_event_not_acknowledged_is_caught() =>
        Assert.StartsWith("deadlock: ibv_destroy_qp", Violation(static naive => naive.DestroyUnderTheEvent()), StringComparison.Ordinal);

    [Fact]
    public void Destroying_twice_is_caught() =>
        Assert.Equal("ibv_destroy_qp on a destroyed queue pair", Violation(static naive => naive.RememberThePointer()));

    [Fact]
    public void Destroying_the_id_before_the_queue_pair_is_caught() =>
        Assert.StartsWith("rdma_destroy_id before its queue pair", Violation(static naive => naive.DestroyTheIdFirst()), StringComparison.Ordinal);

    [Fact]
    public void Destroying_what_librdmacm_may_touch_is_caught() =>
        Assert.StartsWith("ibv_destroy_qp of a queue pair that", Violation(static naive => naive.DestroyWithoutDetaching()), StringComparison.Ordinal);

    private static string Violation(Action<NaiveDrain> handle)
    {
        var fabric = new VirtualFabric { LastWorkRequestEvents = 2, DeadlockTimeout = TimeSpan.FromMilliseconds(20) };
        VirtualStack machine = fabric.AddMachine("naive");
        machine.CreateEventChannel(out CmEventChannel? channel);
        channel!.CreateId(out CmId? id);
        id!.ResolveAddress(VirtualFabric.Address(1), 1000);
        machine.VirtualDevice.CreateCompletionQueue(16, out AdapterCompletionQueue? completions);
        machine.VirtualDevice.CreateSharedReceiveQueue(16, out AdapterReceiveQueue? receives);
        id.CreateQueuePair(new QueuePairAttributes(completions!, receives, 4, 0, null), out AdapterQueuePair? queuePair);
        queuePair!.ModifyToError();
        Assert.Throws<VerbsViolationException>(() => handle(new NaiveDrain(machine.VirtualDevice, (VirtualCmId)id)));
        return fabric.Violations[0];
    }
}
