using Nvmf.Interop.Lab;

namespace Nvmf.Interop.Rdma;

/// <summary>This library's own host in the guest: samples/DiskCopy, and GuestHost, whose buffers are poisoned and must all come back.</summary>
internal static class OwnHost
{
    private static readonly TimeSpan StormTimeout = TimeSpan.FromSeconds(300);

    /// <summary>Copies a file of random bytes to namespace 1 and the namespace to another file, and compares.</summary>
    /// <returns>What DiskCopy said.</returns>
    public static async Task<string> CopyAsync(Guest guest, string address, string nqn, int mebibytes)
    {
        string copy = $"dotnet {await InstallAsync("DiskCopy", guest)}/DiskCopy.dll";
        string said = await guest.RunAsync(
            $"""
            head -c {mebibytes}M /dev/urandom >/tmp/image
            {copy} put /tmp/image {address} --nqn {nqn} --depth 4 --quiet && {copy} get /tmp/copy {address} --nqn {nqn} --depth 4 --quiet || exit
            cmp -n $(stat -c %s /tmp/image) /tmp/image /tmp/copy || exit
            rm /tmp/image /tmp/copy
            """,
            Patience.Long * 2);
        return said.Trim().ReplaceLineEndings("; ");
    }

    /// <summary>Connects, writes, reads and disconnects, half of the times with a read under way.</summary>
    public static async Task<string> StormAsync(Guest guest, string address, string nqn, int times, int atOnce)
    {
        string output = await guest.RunAsync($"dotnet {await InstallAsync("GuestHost", guest)}/GuestHost.dll storm {nqn} {address} {times} {atOnce}", StormTimeout);
        Assert.Contains($"done: {times} connections", output, StringComparison.Ordinal);
        return string.Join("; ", output.Trim().Split('\n')[^2..]);
    }

    public static async Task<string> InstallAsync(string program, Guest guest)
    {
        await SampleProgram.BuildAsync(program);
        return await SampleProgram.InstallAsync(program, guest);
    }
}
