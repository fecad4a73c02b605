namespace Nvmf.Interop.Lab;

/// <summary>A file system with files on a namespace.</summary>
internal static class Ext4
{
    /// <summary>Makes it, writes files, changes them, unmounts it.</summary>
    /// <returns>SHA-256 of each file.</returns>
    public static async Task<string> MakeAsync(Guest guest, string device)
    {
        await guest.RunAsync($"mkfs.ext4 -q -E discard {device} && mount {device} /mnt", Patience.Long);
        string sums = await guest.RunAsync(
            """
            cd /mnt; mkdir -p a/b
            for i in {1..20}; do head -c $((i * 7919)) /dev/urandom >a/$i; done
            head -c 16000000 /dev/urandom >a/b/big
            rm a/3 a/5; mv a/7 a/b/seven; truncate -s 1000 a/9; ln a/11 a/b/eleven
            sync; find . -type f | sort | xargs sha256sum
            """,
            Patience.Long);
        await guest.RunAsync("cd /; umount /mnt");
        return sums;
    }

    /// <summary>Checks the file system, and that the files are what they were. The connection must be a new one: nothing may come from the guest's cache.</summary>
    /// <returns>What was found, in a line.</returns>
    public static async Task<string> CheckAsync(Guest guest, string device, string sums)
    {
        string check = await guest.RunAsync($"fsck.ext4 -f -n {device}");
        await guest.RunAsync($"mount {device} /mnt");
        string again = await guest.RunAsync("cd /mnt; find . -type f | sort | xargs sha256sum");
        await guest.RunAsync("umount /mnt");
        Assert.Equal(sums, again);
        return $"{sums.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length} files with the same SHA-256 after reconnecting; fsck: {check.Trim().Split('\n')[^1]}";
    }
}
