using RdmaSharp.Native;

namespace RdmaSharp;

/// <summary>What ibv_get_device_list(3) returned: its devices are valid as long as it is.</summary>
internal sealed unsafe class DeviceList : RdmaHandle
{
    public DeviceList(nint* list) : base(owned: true) => Adopt((nint)list, "ibv_get_device_list");

    private protected override bool IsCounted => false;

    private protected override int DestroyNative(nint native)
    {
        VerbsMethods.FreeDeviceList((nint*)native);
        return 0;
    }
}
