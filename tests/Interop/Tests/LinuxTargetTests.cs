using System.Net;
using Nvmf.Initiator;
using Nvmf.Initiator.Multipath;
using Nvmf.Interop.GuestHost;
using Nvmf.Interop.Lab;
using Xunit.Abstractions;

namespace Nvmf.Interop.Tests;

/// <summary>Our initiator against the kernel's target, by two paths that fail in turn: no acknowledged write is lost.</summary>
public sealed class LinuxTargetTests(LabFixture lab, ITestOutputHelper output) : LabTest(lab, output)
{
    private const string Nqn = "nqn.2026-11.dev.nvmf:linux";
    private const int Rounds = 2;

    [SkippableFact]
    public async Task Writes_survive_failing_paths()
    {
        AllowInKernelLog("^nvmet: (adding nsid|creating nvm controller|ctrl [0-9]+ (keep-alive timer|fatal error))", "^nvmet_tcp: enabling port");

        // TCP_CLOSING: both sides sent FIN at once; the target has no message for any other state of a closing socket.
        AllowInKernelLog(@"^nvmet_tcp: queue \d+ unhandled state 11");
        await Guest.RunAsync($"start_nvmet tcp 0.0.0.0 {Nqn} {Guest.FirstTargetPort} {Guest.FirstTargetPort + 1}");
        await using var host = new NvmeHost();
        EndPoint[] paths = [.. Guest.TargetPorts.Select(static port => new IPEndPoint(IPAddress.Loopback, port))];
        var options = new NvmeMultipathOptions
        {
            // The Linux target knows no Cross-Controller Reset: three of these are waited before a lost write is sent again.
            Connect = new NvmeConnectOptions { SubsystemNqn = Nqn, QueueCount = 2, KeepAlive = TimeSpan.FromSeconds(2) },
            ReconnectDelay = TimeSpan.FromMilliseconds(500),
        };
        await using NvmeSubsystemConnection subsystem = await host.ConnectSubsystemAsync(paths, options).WaitAsync(Patience.Long);
        await Eventually.TrueAsync(() => subsystem.Paths.All(static path => path.State == NvmePathState.Live), Patience.Long, static () => "two live paths");
        var writes = new AcknowledgedWrites(await subsystem.OpenNamespaceAsync(1));

        using var stop = new CancellationTokenSource();
        Task running = writes.RunAsync(stop.Token);
        for (int round = 0; round < Rounds; round++)
        {
            int index = round % 2;
            await MakeProgressAsync(writes);
            await Guest.RunAsync($"nvmet_path {Nqn} {Guest.FirstTargetPort + index} down");
            await Eventually.TrueAsync(() => subsystem.Paths[index].State != NvmePathState.Live, Patience.Long, static () => "a lost path");
            await MakeProgressAsync(writes);
            await Guest.RunAsync($"nvmet_path {Nqn} {Guest.FirstTargetPort + index} up");
            await Eventually.TrueAsync(() => subsystem.Paths[index].State == NvmePathState.Live, Patience.Long, static () => "the path again");
        }

        await MakeProgressAsync(writes);
        await stop.CancelAsync();
        await running.WaitAsync(Patience.Long);
        await writes.VerifyAsync();
        Say($"{writes.Count} writes, {subsystem.Paths.Sum(static path => path.Associations)} associations: each acknowledged write is there");
    }

    private static Task MakeProgressAsync(AcknowledgedWrites writes)
    {
        long target = writes.Count + 50;
        return Eventually.TrueAsync(() => writes.Count >= target, Patience.Long, static () => "progress of the writers");
    }
}
