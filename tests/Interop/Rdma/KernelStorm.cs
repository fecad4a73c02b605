using Nvmf.Interop.Lab;

namespace Nvmf.Interop.Rdma;

/// <summary>
/// The kernel connects and disconnects at once, many times; two hosts at a time. By the kernel's own files: nvme-cli looks at all controllers, and fails where another goes away.
/// </summary>
internal static class KernelStorm
{
    public static async Task RunAsync(Guest guest, string nqn, int timesEach)
    {
        string output = await guest.RunAsync(
            $$"""
            storm() {
              local host=$1 i line
              for i in {1..{{timesEach}}}; do
                exec 3<>/dev/nvme-fabrics
                printf 'transport=rdma,traddr={{SoftDevice.IPAddress}},trsvcid=4420,nqn={{nqn}},nr_io_queues=1,hostnqn=nqn.2026-11.test.interop:storm%d,hostid=0000000%d-2222-3333-4444-555555555555' \
                  $host $host >&3 || return
                read -r line <&3
                exec 3>&-
                line=${line#instance=}
                echo 1 >/sys/class/nvme/nvme${line%%,*}/delete_controller && echo round
              done
            }
            storm 1 & storm 2 & wait
            """,
            Patience.Long * 2);
        Assert.True(output.Split("round").Length - 1 == timesEach * 2, output);
    }
}
