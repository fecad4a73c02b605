using Nvmf.Transport.Rdma.Adapter;

namespace Nvmf.Transport.Rdma.Tests.Virtual;

/// <summary>One machine.</summary>
internal sealed class VirtualStack : RdmaStack
{
    public VirtualStack(VirtualFabric fabric, string name, AdapterLimits limits)
    {
        Fabric = fabric;
        VirtualDevice = new VirtualDevice(fabric, name, limits);
    }

    public VirtualFabric Fabric { get; }

    public VirtualDevice VirtualDevice { get; }

    public override string? NotSupportedReason => null;

    public override int CreateEventChannel(out CmEventChannel? channel)
    {
        channel = new VirtualEventChannel(this);
        VirtualDevice.Live.Add(channel);
        return 0;
    }
}
