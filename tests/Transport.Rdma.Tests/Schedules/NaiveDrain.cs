using Nvmf.Transport.Rdma.Adapter;
using Nvmf.Transport.Rdma.Tests.Virtual;

namespace Nvmf.Transport.Rdma.Tests.Schedules;

/// <summary>The negative control of failure F2: last WQE reached handled through a bare pointer, without a reference.</summary>
/// <param name="device">The adapter.</param>
/// <param name="id">The id of the queue pair.</param>
internal sealed class NaiveDrain(VirtualDevice device, VirtualCmId id)
{
    /// <summary>Acknowledge, let the handler destroy the drained queue pair, then write to the queue pair.</summary>
    public void HandleThenWrite()
    {
        AdapterQueuePair queuePair = Fetch(acknowledge: true);
        OnDrained();
        queuePair.ModifyToError();
    }

    /// <summary>Keep the event un-acknowledged for safety, and destroy under it.</summary>
    public void DestroyUnderTheEvent()
    {
        Fetch(acknowledge: false);
        OnDrained();
    }

    /// <summary>A second event of a queue pair that the first has destroyed, remembered by pointer.</summary>
    public void RememberThePointer()
    {
        AdapterQueuePair first = Fetch(acknowledge: true), second = Fetch(acknowledge: true);
        Assert.Same(first, second);
        OnDrained();
        second.Destroy();
    }

    /// <summary>The id before its queue pair.</summary>
    public void DestroyTheIdFirst() => id.Destroy();

    /// <summary>While the loop may fetch an event of the id.</summary>
    public void DestroyWithoutDetaching() => id.QueuePair!.Destroy();

    private AdapterQueuePair Fetch(bool acknowledge)
    {
        Assert.Equal(0, device.TryGetAsyncEvent(out AdapterEvent adapterEvent));
        if (acknowledge)
        {
            device.Acknowledge(in adapterEvent);
        }

        return adapterEvent.QueuePair!;
    }

    private void OnDrained()
    {
        id.QueuePair!.Detach();
        id.QueuePair.Destroy();
        id.Destroy();
    }
}
