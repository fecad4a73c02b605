using Nvmf.Interop.Lab;

namespace Nvmf.Interop.Rdma;

/// <summary>A soft RDMA device in the guest, on a network device of its own, which has the address.</summary>
internal sealed class SoftDevice : IAsyncDisposable
{
    public const string Name = "target0";
    public const string IPAddress = "192.168.78.1";

    private const string HostName = "host0";
    private const string HostIPAddress = "192.168.78.2";

    private static readonly TimeSpan BuildTimeout = TimeSpan.FromMinutes(10);

    private readonly Guest _guest;
    private readonly string _link;
    private readonly string _remove;

    private SoftDevice(Guest guest, string link, string remove)
    {
        _guest = guest;
        _link = link;
        _remove = remove;
    }

    /// <summary>Both ends of every connection are at it.</summary>
    /// <param name="guest">Where.</param>
    /// <param name="type">rxe or siw. For siw the kernel module must be there, see <see cref="BringSoftIwarpAsync"/>.</param>
    public static async Task<SoftDevice> CreateAsync(Guest guest, string type)
    {
        await guest.RunAsync($"rdma_up {type} {Name} {IPAddress}");
        return new SoftDevice(guest, Name, $"rdma_down {Name}");
    }

    /// <summary>Soft RoCE; hosts connect from another device, over a wire.</summary>
    public static async Task<SoftDevice> CreateWithWireAsync(Guest guest)
    {
        await guest.RunAsync($"rdma_wire_up {Name} {IPAddress} {HostName} {HostIPAddress}");
        return new SoftDevice(guest, "wire", "rdma_wire_down");
    }

    /// <summary>Builds the kernel module of soft iWARP, or skips the test where that is not possible.</summary>
    public static async Task BringSoftIwarpAsync(Guest guest)
    {
        (string module, string? unavailable) = await LabScript.BuildSoftIwarpAsync(BuildTimeout);
        Skip.If(unavailable is not null, unavailable);
        File.Copy(module, Path.Combine(guest.Folder, "siw.ko"), overwrite: true);
    }

    /// <summary>Takes the wire, or the network device below, down or up; the address stays.</summary>
    public Task SetLinkAsync(bool up) => _guest.RunAsync($"ip link set {_link} {(up ? "up" : "down")}");

    public async ValueTask DisposeAsync() => await _guest.RunAsync(_remove);
}
