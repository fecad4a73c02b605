using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using RdmaSharp.Native;

namespace RdmaSharp;

/// <summary>An open RDMA device (<c>struct ibv_context</c>).</summary>
/// <remarks>
/// Either opened by <see cref="RdmaDevice.Open"/> and owned, or the one that librdmacm has opened for a connection (<see cref="RdmaId.Context"/>):
/// that one is the same object for the same device, and lives as long as the process or the device. Objects of two contexts cannot be mixed.
/// </remarks>
public sealed unsafe partial class RdmaContext : RdmaHandle
{
    private static readonly ConcurrentDictionary<nint, RdmaContext> Borrowed = new();

    private RdmaContext(DeviceList list, nint device, string name) : base(owned: true, list)
    {
        Name = name;
        Adopt(VerbsMethods.OpenDevice(device), "ibv_open_device", Rdma.OpenAdvice);
        SetNonBlocking();
    }

    private RdmaContext(nint borrowed) : base(owned: false)
    {
        Adopt(borrowed, "rdma_cm_id.verbs");
        nint device = *(nint*)(borrowed + ObjectOffsets.Context.Device);
        Name = Marshal.PtrToStringUTF8((nint)VerbsMethods.GetDeviceName(device)) ?? "";
        SetNonBlocking();
    }

    /// <summary>The device's name.</summary>
    public string Name { get; }

    /// <summary>What the device speaks.</summary>
    public RdmaTransportType TransportType => *(RdmaTransportType*)(*(nint*)(Live + ObjectOffsets.Context.Device) + ObjectOffsets.Device.TransportType);

    /// <summary>Completion vectors (interrupts) of the device.</summary>
    public int CompletionVectorCount => *(int*)(Live + ObjectOffsets.Context.CompletionVectors);

    /// <summary>The limits and abilities of the device (ibv_query_device(3)).</summary>
    /// <exception cref="RdmaException">The device does not answer.</exception>
    public DeviceAttributes QueryDevice()
    {
        DeviceAttributes attributes = default;
        int error = VerbsMethods.QueryDevice(this, &attributes);
        return error == 0 ? attributes : throw new RdmaException("ibv_query_device", error);
    }

    /// <summary>State and abilities of a port (ibv_query_port(3)).</summary>
    /// <param name="port">1 up to <see cref="DeviceAttributes.PortCount"/>.</param>
    /// <exception cref="RdmaException">There is no such port, or the device does not answer.</exception>
    public PortAttributes QueryPort(byte port)
    {
        PortAttributes attributes = default;
        int error = VerbsMethods.QueryPort(this, port, &attributes);
        return error == 0 ? attributes : throw new RdmaException("ibv_query_port", error);
    }

    /// <summary>An address of a port (ibv_query_gid(3)).</summary>
    /// <param name="port">1 up to <see cref="DeviceAttributes.PortCount"/>.</param>
    /// <param name="index">0 up to <see cref="PortAttributes.GidTableLength"/> - 1.</param>
    /// <returns>The address; IPv4 ones are mapped to IPv6.</returns>
    /// <exception cref="RdmaException">There is no such entry.</exception>
    public System.Net.IPAddress QueryGid(byte port, int index)
    {
        byte* gid = stackalloc byte[16];
        int result = VerbsMethods.QueryGid(this, port, index, gid);
        return result == 0
            ? new System.Net.IPAddress(new ReadOnlySpan<byte>(gid, 16))
            : throw new RdmaException("ibv_query_gid", result > 0 ? result : Marshal.GetLastPInvokeError());
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    internal static RdmaContext Open(DeviceList list, nint device, string name) => new(list, device, name);

    /// <summary>The context of librdmacm at an address, always the same object.</summary>
    internal static RdmaContext Borrow(nint context)
    {
        while (true)
        {
            if (Borrowed.TryGetValue(context, out RdmaContext? known))
            {
                return known;
            }

            Borrowed.TryAdd(context, new RdmaContext(context));
        }
    }

    /// <summary>Does nothing to a context of librdmacm, which others use, too.</summary>
    protected override void Dispose(bool disposing)
    {
        if (IsOwned)
        {
            base.Dispose(disposing);
        }
    }

    private protected override int DestroyNative(nint native) => VerbsMethods.CloseDevice(native) == 0 ? 0 : Marshal.GetLastPInvokeError();

    private nint Live
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsClosed, this);
            return handle;
        }
    }
}
