using Nvmf.Abstractions.Lifecycle;
using Nvmf.Teardown.Tests.Hosts;
using Nvmf.Teardown.Tests.Targets;
using Xunit.Abstractions;

namespace Nvmf.Teardown.Tests;

/// <summary>
/// Failure F1: every cause of an end × every kind of host × zero-copy or not × digests or not, over real sockets. The pool poisons what it gets back, every block that
/// the host accepts is judged, and at the end nothing may be left.
/// </summary>
public class ProofMatrixTests(ITestOutputHelper output)
{
    public static TheoryData<Trigger, PeerMode> Cells
    {
        get
        {
            var cells = new TheoryData<Trigger, PeerMode>();
            foreach (Trigger trigger in Enum.GetValues<Trigger>())
            {
                foreach (PeerMode mode in Enum.GetValues<PeerMode>())
                {
                    cells.Add(trigger, mode);
                }
            }

            return cells;
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Cells))]
    public async Task No_end_corrupts(Trigger trigger, PeerMode mode)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Needs Linux.");
        bool[] both = [true, false];
        IEnumerable<ProofCase> cases =
            from zeroCopy in both
            from digests in trigger == Trigger.DigestError ? [true] : both
            select new ProofCase(trigger, mode, zeroCopy, digests);
        foreach (ProofResult result in await Task.WhenAll(cases.Select(c => c.RunAsync())))
        {
            output.WriteLine(result.ToString());
            Judge(trigger, mode, result);
        }
    }

    private static void Judge(Trigger trigger, PeerMode mode, ProofResult result)
    {
        DrainReport report = result.Report;
        Assert.True(result.Seen.CorruptBlocks == 0, result.ToString());
        Assert.Equal(ExpectedCause(trigger), report.Cause);
        Assert.All(result.Reports, r => Assert.Equal(0, r.QuarantinedBytes));

        // Bounded by T1 and T2; the proof after an abort comes at once, or T3 would have passed.
        Assert.All(result.Reports, r => Assert.False(r.PassedDeadlines.HasFlag(DrainStages.Abort), $"{r}"));
        Assert.True(report.Elapsed < ProofTarget.Deadlines.Abort, $"{report}");
        bool stuck = trigger == Trigger.BackendStuck;
        Assert.Equal(stuck ? 1 : 0, report.AbandonedCommands);
        Assert.Equal(stuck, report.PassedDeadlines.HasFlag(DrainStages.Commands));
        if (trigger is not Trigger.ProcessStop)
        {
            Assert.Equal(stuck ? 1 : 0, result.HeldBlocks);
        }

        if (mode == PeerMode.ClosedWindow && trigger != Trigger.NamespaceRemoved)
        {
            Assert.Equal(QueuePairState.Aborting, report.LastStage);
            Assert.True(report.AbortedBytes > 0, $"{report}");
        }

        if (mode == PeerMode.Reading && trigger is not (Trigger.HostReset or Trigger.HostVanished))
        {
            Assert.Equal((QueuePairState.Draining, 0L), (report.LastStage, report.AbortedBytes));
        }

        if (trigger == Trigger.HostVanished)
        {
            Assert.True(result.WasReset, $"The host that came back found its connection as it was: {result}");
        }

        if (trigger is Trigger.ProtocolError or Trigger.DigestError && mode == PeerMode.Reading)
        {
            Assert.True(result.Seen.WasTerminated, "No C2HTermReq came.");
        }

        Assert.Equal((0, 0, 0), (result.Pool.RentedBlocks, result.Pool.QuarantinedBytes, result.Pool.PoisonViolations));
        Assert.Equal((0, 0L), (result.QueuePairs, result.Connections));
    }

    private static TeardownCause ExpectedCause(Trigger trigger) => trigger switch
    {
        Trigger.ListenerRemoved or Trigger.BackendStuck => TeardownCause.ListenerRemoved,
        Trigger.HostRemoved => TeardownCause.HostRemoved,
        Trigger.SubsystemRemoved => TeardownCause.SubsystemRemoved,
        Trigger.KeepAliveExpired => TeardownCause.KeepAliveExpired,
        Trigger.ControllerDisabled => TeardownCause.ControllerDisabled,
        Trigger.ControllerShutdown => TeardownCause.ControllerShutdown,
        Trigger.HostFin or Trigger.NamespaceRemoved => TeardownCause.HostClosed,
        Trigger.HostReset => TeardownCause.ConnectionReset,
        Trigger.HostVanished => TeardownCause.TimedOut,
        Trigger.ProtocolError => TeardownCause.ProtocolError,
        Trigger.DigestError => TeardownCause.DigestError,
        _ => TeardownCause.ProcessStop,
    };
}
