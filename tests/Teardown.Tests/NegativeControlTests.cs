using Nvmf.Abstractions.Lifecycle;
using Nvmf.Teardown.Tests.Hosts;
using Xunit.Abstractions;

namespace Nvmf.Teardown.Tests;

/// <summary>
/// The closed-window column of the matrix with connections that skip the drain: were it not red, the green one would prove nothing. All triggers are in one of the first
/// two tests.
/// </summary>
public class NegativeControlTests(ITestOutputHelper output)
{
    /// <summary>
    /// Ends that the kernel itself makes, and in which it drops the send queue without being asked: <c>KernelFactsTests.TheKernelDropsTheQueueItself</c>. After the host's RST there
    /// is, besides, no socket left that would take a packet still under way.
    /// </summary>
    private static readonly Trigger[] DroppedByTheKernel = [Trigger.HostReset, Trigger.HostVanished];

    public static TheoryData<Trigger> KernelsOwn => [.. DroppedByTheKernel];

    [SkippableFact]
    public async Task Without_the_drain_every_end_in_a_closed_window_corrupts()
    {
        Trigger[] triggers = [.. Enum.GetValues<Trigger>().Except(DroppedByTheKernel)];
        ProofResult[] results = await Task.WhenAll(triggers.Select(RunAsync));
        Assert.All(results, result => Assert.True(result.Seen.CorruptBlocks > 0, result.ToString()));
    }

    [SkippableTheory]
    [MemberData(nameof(KernelsOwn))]
    public async Task Where_the_kernel_drops_the_queue_itself_nothing_is_left_to_corrupt(Trigger trigger)
    {
        ProofResult result = await RunAsync(trigger);
        Assert.Equal(0, result.Seen.CorruptBlocks);
        Assert.Equal(QueuePairState.Aborting, result.Report.LastStage);

        // The host that came back asked for more, and was told that nobody knows it. The one that sent the RST has nothing to ask with.
        Assert.Equal(trigger == Trigger.HostVanished, result.WasReset);
    }

    /// <summary>A digest finds it, and a host that asked for one loses its connection and not its data.</summary>
    [SkippableFact]
    public async Task Digests_see_what_a_missing_drain_does()
    {
        ProofResult result = await RunAsync(Trigger.ListenerRemoved, digests: true);
        Assert.True(result.Seen.CorruptBlocks > 0, result.ToString());
    }

    private Task<ProofResult> RunAsync(Trigger trigger) => RunAsync(trigger, digests: trigger == Trigger.DigestError);

    private async Task<ProofResult> RunAsync(Trigger trigger, bool digests)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Needs Linux.");
        ProofResult result = await new ProofCase(trigger, PeerMode.ClosedWindow, zeroCopy: true, digests, naive: true).RunAsync();
        output.WriteLine(result.ToString());
        return result;
    }
}
