using System.Buffers.Binary;
using System.Runtime.InteropServices;
using RdmaSharp.Native;

namespace RdmaSharp;

/// <summary>An RDMA device of this machine, not opened (<c>struct ibv_device</c>).</summary>
public sealed unsafe class RdmaDevice
{
    private readonly DeviceList _list;
    private readonly nint _device;

    private RdmaDevice(DeviceList list, nint device)
    {
        _list = list;
        _device = device;
        Name = Marshal.PtrToStringUTF8((nint)VerbsMethods.GetDeviceName(device)) ?? "";
        Guid = BinaryPrimitives.ReverseEndianness(VerbsMethods.GetDeviceGuid(device));
        NodeType = *(RdmaNodeType*)(device + ObjectOffsets.Device.NodeType);
        TransportType = *(RdmaTransportType*)(device + ObjectOffsets.Device.TransportType);
    }

    /// <summary>The kernel's name, for example <c>rxe0</c> or <c>mlx5_0</c>.</summary>
    public string Name { get; }

    /// <summary>The device's identifier.</summary>
    public ulong Guid { get; }

    /// <summary>Kind of device.</summary>
    public RdmaNodeType NodeType { get; }

    /// <summary>InfiniBand and RoCE, or iWARP.</summary>
    public RdmaTransportType TransportType { get; }

    /// <summary>The devices of this machine; empty if there are none (ibv_get_device_list(3)).</summary>
    /// <exception cref="RdmaException">The kernel has no RDMA support, or it cannot be asked.</exception>
    /// <exception cref="DllNotFoundException">libibverbs is not installed.</exception>
    public static IReadOnlyList<RdmaDevice> List()
    {
        nint* native = VerbsMethods.GetDeviceList(out int count);
        if (native is null)
        {
            throw new RdmaException("ibv_get_device_list", Marshal.GetLastPInvokeError());
        }

        var list = new DeviceList(native);
        var devices = new RdmaDevice[count];
        for (int i = 0; i < count; i++)
        {
            devices[i] = new RdmaDevice(list, native[i]);
        }

        return devices;
    }

    /// <summary>Opens the device (ibv_open_device(3)).</summary>
    /// <exception cref="RdmaException">No permission, or the device is gone.</exception>
    public RdmaContext Open() => RdmaContext.Open(_list, _device, Name);

    /// <inheritdoc/>
    public override string ToString() => $"{Name} ({TransportType})";
}
