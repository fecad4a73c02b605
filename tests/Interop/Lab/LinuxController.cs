using System.Text.Json;

namespace Nvmf.Interop.Lab;

/// <summary>A controller that the guest's kernel is connected to.</summary>
/// <param name="guest">The guest.</param>
/// <param name="name">For example nvme0.</param>
public sealed class LinuxController(Guest guest, string name)
{
    /// <summary>For example nvme0.</summary>
    public string Name => name;

    /// <summary>Its character device.</summary>
    public string Path => $"/dev/{name}";

    /// <summary>The block device of a namespace, once it is there.</summary>
    public async Task<string> DeviceAsync(int namespaceId = 1) => (await guest.RunAsync($"device {name} {namespaceId}")).Trim();

    /// <summary>An answer of nvme-cli, as JSON.</summary>
    public async Task<JsonElement> NvmeAsync(string command, string arguments = "") =>
        JsonDocument.Parse(await guest.RunAsync($"nvme {command} {Path} {arguments} -o json")).RootElement;

    /// <summary>An attribute of the controller in sysfs.</summary>
    public async Task<string> AttributeAsync(string attribute) => (await guest.RunAsync($"cat /sys/class/nvme/{name}/{attribute}")).Trim();

    /// <summary>Waits until the kernel calls it live, connecting...</summary>
    public Task<string> WaitForStateAsync(string state, TimeSpan timeout) =>
        guest.RunAsync($"within {timeout.TotalSeconds:0} is_state {name} {state}", timeout + TimeSpan.FromSeconds(10));

    /// <summary>Disconnects it.</summary>
    public Task<string> DisconnectAsync() => guest.RunAsync($"nvme disconnect -d {name}");
}
