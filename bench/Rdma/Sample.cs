using System.Globalization;

namespace Nvmf.Bench.Rdma;

/// <summary>One round: I/Os, and instructions of the guest, by the thread on whose time they were executed. Interrupts and what follows them count for the thread they came upon.</summary>
/// <param name="Case">PATTERN:BLOCK:DEPTH:DISK.</param>
/// <param name="IsOurs">TargetHost, not the kernel's target.</param>
/// <param name="IOs">Completed reads and writes.</param>
/// <param name="Guest">All of them: the clock without the idle time.</param>
/// <param name="TargetHost">Threads of TargetHost.</param>
/// <param name="Fio">The load's own thread, with the kernel's NVMe host below it.</param>
/// <param name="Workers">High-priority workers of the kernel: nvmet-rdma, and what the NVMe host does later.</param>
/// <param name="SoftInterrupts">ksoftirqd: soft RDMA for both ends, and the NVMe host's completions.</param>
/// <param name="User">Of <paramref name="TargetHost"/>, outside of the kernel; by the scheduler's tick, so roughly.</param>
internal sealed record Sample(string Case, bool IsOurs, long IOs, long Guest, long TargetHost, long Fio, long Workers, long SoftInterrupts, long User)
{
    private const int Fields = 12;

    /// <summary>Everything else.</summary>
    public long Others => Guest - TargetHost - Fio - Workers - SoftInterrupts;

    /// <summary>"round NUMBER CASE ours|kernel I/Os CLOCK IDLE USER TARGETHOST FIO WORKERS KSOFTIRQD", the times in ns; null for any other line.</summary>
    public static Sample? Parse(string line)
    {
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length != Fields || words[0] != "round")
        {
            return null;
        }

        long[] n = [.. words[4..].Select(static word => long.Parse(word, CultureInfo.InvariantCulture))];
        return n[0] > 0
            ? new Sample(words[2], words[3] == "ours", n[0], n[1] - n[2], n[4], n[5], n[6], n[7], n[3])
            : throw new InvalidOperationException($"No I/O was done: {line}");
    }

    public double PerIO(long instructions) => (double)instructions / IOs;
}
