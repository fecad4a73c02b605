using System.Net;
using Nvmf.Abstractions.Authentication;
using Nvmf.Initiator;
using Nvmf.Initiator.Multipath;
using Nvmf.Interop.Lab;
using Nvmf.Interop.Rdma;
using Xunit.Abstractions;

namespace Nvmf.Interop.Tests;

/// <summary>Our initiator authenticates to the kernel's target (DH-HMAC-CHAP). Debian's kernel 6.1 is built without it.</summary>
[Collection(NewerKernelCollection.Name)]
public sealed class AuthenticationLinuxTargetTests(NewerKernelFixture lab, ITestOutputHelper output) : LabTest(lab, output)
{
    private const string Nqn = "nqn.2026-11.dev.nvmf:linux-auth";
    private const string HostNqn = "nqn.2014-08.org.nvmexpress:uuid:bbbbbbbb-0000-0000-0000-0000000000bb";

    private static readonly string[] TargetMessages =
    [
        "^nvmet: (adding nsid|creating nvm controller|ctrl [0-9]+ (keep-alive timer|fatal error|qid [0-9]+ .*)|Failed to setup authentication.*|ctrl [0-9]+ .*mismatch)",
        "^nvmet_(tcp|rdma): enabling port", @"^nvmet_tcp: queue \d+ unhandled state 11", "ctrl [0-9]+ qid [0-9]+", @"[A-Z]+ for CQE 0x[0-9a-f]+ failed with status",
        "^nvmet_rdma: received IB QP event: last WQE reached",
    ];

    [SkippableFact]
    public async Task Our_host_authenticates_with_each_hash_and_group_and_both_prove_themselves()
    {
        AllowInKernelLog(TargetMessages);
        await Guest.RunAsync($"start_nvmet tcp 0.0.0.0 {Nqn} {Guest.FirstTargetPort}");
        await using var host = new NvmeHost();
        foreach ((string transformation, DhChapHash hash, DhChapGroup group) in ((string, DhChapHash, DhChapGroup)[])
        [
            ("0", DhChapHash.Sha256, DhChapGroup.Null), ("1", DhChapHash.Sha384, DhChapGroup.Null), ("2", DhChapHash.Sha512, DhChapGroup.Null),
            ("3", DhChapHash.Sha256, DhChapGroup.Ffdhe2048), ("1", DhChapHash.Sha384, DhChapGroup.Ffdhe3072), ("2", DhChapHash.Sha512, DhChapGroup.Ffdhe4096),
            ("0", DhChapHash.Sha256, DhChapGroup.Ffdhe6144), ("3", DhChapHash.Sha512, DhChapGroup.Ffdhe8192),
        ])
        {
            string secret = await NewSecretAsync(transformation, HostNqn);
            string controllerSecret = await NewSecretAsync(transformation, Nqn);
            await Guest.RunAsync($"nvmet_host {Nqn} {HostNqn} {secret} {controllerSecret} {hash.ToString().ToLowerInvariant()} {group.ToString().ToLowerInvariant()}");

            // Linux 6.12 takes the configured group whatever is offered, as long as something else is.
            NvmeConnectOptions options = NewOptions(secret, controllerSecret) with
            {
                AuthenticationHashes = [hash],
                AuthenticationGroups = group == DhChapGroup.Null ? [DhChapGroup.Null, DhChapGroup.Ffdhe2048] : [group],
            };
            await using NvmeController controller = await host.ConnectAsync(EndPoint, options).WaitAsync(Patience.Long);
            NvmeNamespace disk = await controller.OpenNamespaceAsync(1);
            byte[] written = [.. Enumerable.Range(0, 4096).Select(i => (byte)(i + (int)hash + (int)group))];
            await disk.WriteAsync(0, written);
            var read = new byte[written.Length];
            await disk.ReadAsync(0, read);
            Assert.Equal(written, read);
            await controller.ReauthenticateAsync().WaitAsync(Patience.Long);
            await disk.ReadAsync(0, read);
            Say($"{Guest.KernelRelease}: {hash}, {group}");
        }
    }

    [SkippableFact]
    public async Task Wrong_secrets_fail_for_good_and_the_right_ones_reconnect()
    {
        AllowInKernelLog(TargetMessages);
        string secret = await NewSecretAsync("1", HostNqn);
        string controllerSecret = await NewSecretAsync("1", Nqn);
        string wrong = await NewSecretAsync("1", HostNqn);
        await Guest.RunAsync($"start_nvmet tcp 0.0.0.0 {Nqn} {Guest.FirstTargetPort}");
        await Guest.RunAsync($"nvmet_host {Nqn} {HostNqn} {secret} {controllerSecret} sha256 ffdhe2048");
        await using var host = new NvmeHost();
        var refused = await Assert.ThrowsAsync<NvmeAuthenticationException>(() => host.ConnectAsync(EndPoint, NewOptions(wrong, null)).WaitAsync(Patience.Long));
        Assert.Equal(DhChapFailureReason.AuthenticationFailed, refused.Reason);
        var unproven = await Assert.ThrowsAsync<NvmeAuthenticationException>(() => host.ConnectAsync(EndPoint, NewOptions(secret, wrong)).WaitAsync(Patience.Long));
        Assert.Contains("did not prove", unproven.Message, StringComparison.Ordinal);
        var none = await Assert.ThrowsAsync<NvmeAuthenticationException>(
            () => host.ConnectAsync(EndPoint, new NvmeConnectOptions { SubsystemNqn = Nqn, HostNqn = HostNqn }).WaitAsync(Patience.Long));
        Assert.Equal(DhChapFailureReason.None, none.Reason);

        var multipath = new NvmeMultipathOptions
        {
            Connect = NewOptions(secret, controllerSecret) with { KeepAlive = TimeSpan.FromSeconds(2) },
            ReconnectDelay = TimeSpan.FromMilliseconds(500),
        };
        await using NvmeSubsystemConnection subsystem = await host.ConnectSubsystemAsync([EndPoint], multipath).WaitAsync(Patience.Long);
        NvmeMultipathNamespace disk = await subsystem.OpenNamespaceAsync(1);
        await disk.WriteAsync(0, new byte[4096]);
        await Guest.RunAsync($"nvmet_path {Nqn} {Guest.FirstTargetPort} down");
        await Eventually.TrueAsync(() => subsystem.Paths[0].State != NvmePathState.Live, Patience.Long, static () => "a lost path");
        await Guest.RunAsync($"nvmet_path {Nqn} {Guest.FirstTargetPort} up");
        await disk.WriteAsync(8, new byte[4096]).AsTask().WaitAsync(Patience.Long);
        Say($"refused: {refused.Message} {unproven.Message} {none.Message} Then {subsystem.Paths[0].Associations} associations");
    }

    [SkippableFact]
    public async Task Disk_copy_over_soft_RoCE()
    {
        AllowInKernelLog(TargetMessages);
        string secret = await NewSecretAsync("2", HostNqn);
        string controllerSecret = await NewSecretAsync("0", Nqn);
        await using SoftDevice device = await SoftDevice.CreateAsync(Guest, "rxe");
        await Guest.RunAsync($"start_nvmet rdma {SoftDevice.IPAddress} {Nqn} {Guest.FirstTargetPort}");
        await Guest.RunAsync($"nvmet_host {Nqn} {HostNqn} {secret} {controllerSecret} sha256 ffdhe2048");
        await Guest.RunAsync($"echo {secret} >/tmp/secret; echo {controllerSecret} >/tmp/controller-secret");
        string said = await OwnHost.CopyAsync(
            Guest,
            $"rdma://{SoftDevice.IPAddress}:{Guest.FirstTargetPort} --hostnqn {HostNqn} --dhchap-secret file:/tmp/secret --dhchap-ctrl-secret file:/tmp/controller-secret",
            Nqn,
            mebibytes: 1);
        await Guest.RunAsync("rm /tmp/secret /tmp/controller-secret; stop_nvmet");
        Say($"{Guest.KernelRelease}: DiskCopy: {said}");
    }

    private IPEndPoint EndPoint => new(IPAddress.Loopback, Guest.TargetPorts[0]);

    private static NvmeConnectOptions NewOptions(string secret, string? controllerSecret) => new()
    {
        SubsystemNqn = Nqn,
        HostNqn = HostNqn,
        QueueCount = 2,
        HostSecret = DhChapSecret.Parse(secret),
        ControllerSecret = controllerSecret is null ? null : DhChapSecret.Parse(controllerSecret),
    };

    private async Task<string> NewSecretAsync(string transformation, string nqn) => (await Guest.RunAsync($"nvme gen-dhchap-key -m {transformation} -n {nqn}")).Trim();
}
