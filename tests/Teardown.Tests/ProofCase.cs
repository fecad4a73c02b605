using Nvmf.Abstractions.Lifecycle;
using Nvmf.Target.Namespaces;
using Nvmf.Teardown.Tests.Hosts;
using Nvmf.Teardown.Tests.Targets;

namespace Nvmf.Teardown.Tests;

/// <summary>One cell of the proof matrix: a target under load, an end, and what the host got to see.</summary>
internal sealed class ProofCase(Trigger trigger, PeerMode mode, bool zeroCopy, bool digests, bool naive = false)
{
    /// <summary>In a closed window: so many responses of 64 KiB wait in the target that neither the kernel nor the host has room for them.</summary>
    private const int WaitingBlocks = 16;

    private const int BlocksBeforeTheEnd = 512;

    public async Task<ProofResult> RunAsync()
    {
        await using ProofTarget target = await ProofTarget.StartAsync(
            zeroCopy,
            trigger == Trigger.HostVanished ? TimeSpan.FromMilliseconds(500) : null,
            mode == PeerMode.Reading ? ProofTarget.Patience : ProofTarget.Deadlines.Transmissions,
            naive);
        if (trigger == Trigger.BackendStuck)
        {
            target.Disk.SetRules(new FaultRule { Operation = BackendOperation.Read, Hold = true, Limit = 1 });
        }

        using RawHost host = await RawHost.ConnectAsync(target.EndPoint, mode, digests, stopsAtCorruption: naive);
        await host.Reading.StartAsync();
        await Eventually.TrueAsync(() => IsLoaded(target, host), () => $"load on {this}");

        await PullAsync(target, host);
        DrainReport report = await EndOfReadsAsync(target, host);
        host.Dispose();
        DrainReport[] reports = await target.ReportsAsync(RawHost.QueuePairs);
        long heldBlocks = target.Pool.Statistics.RentedBlocks;
        target.Disk.ReleaseHeld();
        await Eventually.TrueAsync(() => target.Pool.Statistics.RentedBlocks == 0, () => $"every buffer back after {this}");
        var pool = await target.StopAsync();
        return new ProofResult(ToString(), host.Reading.Seen, host.Reading.WasReset, report, reports, heldBlocks, pool, target.Control.QueuePairs.Count, target.OpenConnections);
    }

    public override string ToString() =>
        $"{trigger}, {mode}, {(zeroCopy ? "zero-copy" : "copying")}, {(digests ? "digests" : "no digests")}{(naive ? ", naive" : "")}";

    private bool IsLoaded(ProofTarget target, RawHost host) => mode == PeerMode.ClosedWindow
        ? target.Pool.Statistics.RentedBlocks >= WaitingBlocks
        : host.Reading.Seen.GoodBlocks >= BlocksBeforeTheEnd;

    private async Task PullAsync(ProofTarget target, RawHost host)
    {
        switch (trigger)
        {
            case Trigger.ListenerRemoved or Trigger.BackendStuck:
                await target.Control.RemoveListenerAsync(target.Address.ToString()).WaitAsync(Eventually.Deadline);
                break;
            case Trigger.HostRemoved:
                await target.Control.RemoveHostAsync(ProofTarget.Nqn, ProofTarget.HostNqn).WaitAsync(Eventually.Deadline);
                break;
            case Trigger.SubsystemRemoved:
                await target.Control.RemoveSubsystemAsync(ProofTarget.Nqn).WaitAsync(Eventually.Deadline);
                break;
            case Trigger.NamespaceRemoved:
                await target.Control.RemoveNamespaceAsync(ProofTarget.Nqn, 1).WaitAsync(Eventually.Deadline);
                Assert.Equal(QueuePairState.Live, target.Watch.Accepted.ElementAt(1).Lifecycle.State);
                host.Reading.SendFin();
                break;
            case Trigger.KeepAliveExpired:
                host.Reading.Hush();
                await host.AskForKeepAliveAsync();
                break;
            case Trigger.ControllerDisabled:
                await host.DisableAsync();
                break;
            case Trigger.ControllerShutdown:
                await host.ShutDownAsync();
                break;
            case Trigger.HostFin:
                host.Reading.SendFin();
                break;
            case Trigger.HostReset:
                await host.Reading.SendResetAsync();
                break;
            case Trigger.HostVanished:
                host.Reading.Hush();
                host.Vanish();
                break;
            case Trigger.ProtocolError:
                await host.Reading.SendBadPduAsync();
                break;
            case Trigger.DigestError:
                await host.Reading.SendBadDigestAsync();
                break;
            case Trigger.ProcessStop:
                await target.StopAsync();
                break;
        }
    }

    /// <summary>A host with a closed window reads only when the target has given its connection up: what comes then came out of memory that the target thinks free.</summary>
    private async Task<DrainReport> EndOfReadsAsync(ProofTarget target, RawHost host)
    {
        Task<DrainReport> end = target.Watch.Accepted.ElementAt(1).Lifecycle.Completion;
        if (trigger == Trigger.HostReset)
        {
            return await end.WaitAsync(Eventually.Deadline);
        }

        // The commands that a removed namespace leaves behind: what is shown is that they still arrive whole. The control takes them out of the ended connection instead.
        bool readsAlong = trigger == Trigger.NamespaceRemoved && !naive;
        Task rest = readsAlong ? host.Reading.TakeTheRestAsync() : Task.CompletedTask;
        DrainReport report = await end.WaitAsync(Eventually.Deadline);
        if (trigger == Trigger.HostVanished)
        {
            host.Return();
            await host.Reading.PokeAsync();
        }

        await (readsAlong ? rest : host.Reading.TakeTheRestAsync());
        return report;
    }
}
