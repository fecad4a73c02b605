using System.Diagnostics;
using Nvmf.EventLoop;

namespace Nvmf.Hosting.Internal;

/// <summary>What the options of the host say about event loops, for every transport that has some.</summary>
internal static class LoopOptions
{
    public static void Apply(NvmeTransportOptions options, EventLoopGroupOptions loops)
    {
        loops.Count = options.Loops ?? loops.Count;
        loops.SpinDuration = options.Spin > TimeSpan.Zero ? options.Spin : loops.SpinDuration;
        loops.Processors = options.Pin ? UsableProcessors() : loops.Processors;
    }

    /// <summary>The processors this process may run on; a container's set need not begin at 0.</summary>
    private static List<int> UsableProcessors()
    {
        var processors = new List<int>();
        if (OperatingSystem.IsLinux() && Environment.ProcessorCount <= 64)
        {
            using var process = Process.GetCurrentProcess();
            long mask = process.ProcessorAffinity;
            for (int i = 0; i < 64; i++)
            {
                if ((mask >> i & 1) != 0)
                {
                    processors.Add(i);
                }
            }
        }

        return processors.Count > 0 ? processors : [.. Enumerable.Range(0, Environment.ProcessorCount)];
    }
}
