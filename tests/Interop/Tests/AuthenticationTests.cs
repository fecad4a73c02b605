using System.Text.RegularExpressions;
using Nvmf.Interop.Lab;
using Nvmf.Interop.Rdma;
using Xunit.Abstractions;

namespace Nvmf.Interop.Tests;

/// <summary>The kernel's host authenticates to the target (DH-HMAC-CHAP). Debian's kernel 6.1 is built without it.</summary>
[Collection(NewerKernelCollection.Name)]
public sealed class AuthenticationTests(NewerKernelFixture lab, ITestOutputHelper output) : RdmaLabTest(lab, output)
{
    private const string Host = "nqn.2014-08.org.nvmexpress:uuid:aaaaaaaa-0000-0000-0000-0000000000aa";
    private const string HostOptions = $"--hostnqn={Host} --hostid=aaaaaaaa-0000-0000-0000-0000000000aa";

    /// <summary>What the kernel says of an authentication, and of one that fails.</summary>
    private static readonly string[] Success = ["qid [0-9]+: (controller )?authenticated", "re-authenticating controller"];

    private static readonly string[] Failure =
    [
        "authentication failed", "Connect command failed", "failed to connect queue: [0-9]+", "qid [0-9]+: .*(failed|error|no key)", "authentication setup failed", "I/O queue 0 .*",
        "Connect for subsystem .* is not allowed", "Connect Invalid", "host response mismatch|controller response mismatch",
    ];

    [SkippableTheory]
    [InlineData("0", "sha256", "null", false)]
    [InlineData("1", "sha256", "ffdhe2048", true)]
    [InlineData("2", "sha384", "ffdhe3072", true)]
    [InlineData("3", "sha512", "ffdhe4096", false)]
    [InlineData("1", "sha256", "ffdhe6144", true)]
    [InlineData("3", "sha512", "ffdhe8192", true)]
    public async Task The_kernel_authenticates_on_every_queue(string transformation, string hash, string group, bool mutual)
    {
        AllowInKernelLog(Success);
        string secret = await NewSecretAsync(transformation);
        string controllerSecret = await NewSecretAsync(transformation);
        string[] mutualOptions = mutual ? ["--dhchap-ctrl-secret", $"{Host}={controllerSecret}"] : [];
        using var file = new TemporaryFile();
        await File.WriteAllTextAsync(file.Path, secret + "\n");
        await StartTargetAsync(
            ["--disk", "mem:16MiB", "--verbose", "--dhchap-secret", $"{Host}=file:{file.Path}", "--dhchap-hash", hash, "--dhchap-dhgroup", group, .. mutualOptions]);
        LinuxController controller = await ConnectAsync($"-i 2 {HostOptions} -S {secret} {(mutual ? $"-C {controllerSecret}" : "")}");
        FioResult fio = await Fio.VerifyAsync(Guest, await controller.DeviceAsync(), "--bs=4k --size=1m --iodepth=4");
        await controller.DisconnectAsync();
        await Target.NoQueuePairsAsync(Patience.Usual);
        AssertAuthenticated(Target.Log, queues: 3, hash, group, mutual);
        AssertUnseen(Target.Log, secret, controllerSecret);
        Say($"{Guest.KernelRelease}: {hash}, {group}, mutual: {mutual}: {fio}");
    }

    [SkippableFact]
    public async Task Who_has_the_wrong_secret_or_none_does_not_get_in()
    {
        AllowInKernelLog([.. Success, .. Failure]);
        string secret = await NewSecretAsync("1");
        string controllerSecret = await NewSecretAsync("0");
        string wrong = await NewSecretAsync("1");
        await StartTargetAsync(
            "--disk", "mem:16MiB", "--verbose", "--dhchap-secret", $"{Host}={secret}", "--dhchap-ctrl-secret", $"{Host}={controllerSecret}", "--dhchap-dhgroup", "ffdhe2048");
        foreach (string options in (string[])["", $"-S {wrong}", $"-S {wrong} -C {controllerSecret}", $"-S {secret} -C {wrong}"])
        {
            StepResult refused = await Guest.TryAsync($"connect {Target.Port} {Target.Nqn} {HostOptions} {options}", Patience.Usual);
            Assert.True(refused.ExitCode != 0, $"connected with '{options}'");
            await Target.NoQueuePairsAsync(Patience.Usual);
        }

        // Another host is not on the list, whatever it has; discovery is for everybody.
        Assert.NotEqual(0, (await Guest.TryAsync($"connect {Target.Port} {Target.Nqn} -S {secret}")).ExitCode);
        Assert.Contains(Target.Nqn, await Guest.RunAsync($"nvme discover -t tcp -a 10.0.2.2 -s {Target.Port} {HostOptions}"), StringComparison.Ordinal);

        LinuxController controller = await ConnectAsync($"-i 1 {HostOptions} -S {secret} -C {controllerSecret}");
        await controller.DeviceAsync();
        await controller.DisconnectAsync();
        AssertUnseen(Target.Log, secret, controllerSecret, wrong);
        Say("four refused: no secret, a wrong one, a wrong one with a right one for the controller, a wrong one for the controller; then one served");
    }

    [SkippableFact]
    public async Task Resets_reconnects_and_new_secrets_under_fio()
    {
        AllowInKernelLog([.. Recovery, .. Success]);
        string secret = await NewSecretAsync("1");
        await StartTargetAsync("--disk", "mem:16MiB", "--verbose", "--dhchap-secret", $"{Host}={secret}", "--dhchap-dhgroup", "ffdhe2048");
        LinuxController controller = await ConnectAsync($"-i 2 {HostOptions} -S {secret} --reconnect-delay=1 --ctrl-loss-tmo=300");
        FioLoad load = await FioLoad.StartAsync(Guest, await controller.DeviceAsync());
        await ResetAndRemoveListenerAsync(controller, load);

        // The live queues authenticate once more, with another secret.
        string next = await NewSecretAsync("3");
        await Target.Control.SendAsync(HttpMethod.Post, "/hosts", new { nqn = Target.Nqn, host = Host, secret = next });
        int before = Authentications(Target.Log).Count;
        await Guest.RunAsync($"echo '{next}' >/sys/class/nvme/{controller.Name}/dhchap_secret");
        await Eventually.TrueAsync(() => Authentications(Target.Log).Count >= before + 3, Patience.Long, () => $"three more authentications:\n{Target.Log}");
        await load.MakesProgressAsync();
        FioResult fio = await load.StopAsync();
        AssertUnseen(Target.Log + (await Target.Control.SendAsync(HttpMethod.Get, "/subsystems", null)).GetRawText(), secret, next);
        Say($"{Guest.KernelRelease}: {Authentications(Target.Log).Count} authentications: {fio}");
    }

    [SkippableFact]
    public async Task The_kernel_authenticates_over_soft_RoCE()
    {
        AllowInKernelLog([.. Success, .. RdmaRecovery]);
        string secret = await NewSecretAsync("1");
        string controllerSecret = await NewSecretAsync("2");
        await using RdmaTarget target = await RdmaTarget.StartAsync(
            Guest, "rxe", $"--disk mem:16MiB --verbose --dhchap-secret {Host}={secret} --dhchap-ctrl-secret {Host}={controllerSecret} --dhchap-dhgroup ffdhe2048");
        LinuxController controller = await target.ConnectAsync($"-i 2 {HostOptions} -S {secret} -C {controllerSecret}");
        FioResult fio = await Fio.VerifyAsync(Guest, await controller.DeviceAsync(), "--bs=4k --size=1m --iodepth=4");
        await controller.DisconnectAsync();
        await HoldsNothingAsync(target);
        AssertAuthenticated(target.Log, queues: 3, "sha256", "ffdhe2048", mutual: true);
        Say($"{Guest.KernelRelease}: {fio}");
    }

    private async Task<string> NewSecretAsync(string transformation) => (await Guest.RunAsync($"nvme gen-dhchap-key -m {transformation} -n {Host}")).Trim();

    private static MatchCollection Authentications(string log) => Regex.Matches(log, @"has authenticated to .* \(queue \d+\): .*");

    private static void AssertAuthenticated(string log, int queues, string hash, string group, bool mutual)
    {
        MatchCollection all = Authentications(log);
        Assert.Equal(queues, all.Count);
        Assert.All(all, match => Assert.Contains($"{hash}, {group}, mutual: {mutual}", match.Value, StringComparison.OrdinalIgnoreCase));
    }

    private static void AssertUnseen(string text, params string[] secrets) => Assert.All(secrets, secret => Assert.DoesNotContain(secret.Split(':')[2], text, StringComparison.Ordinal));
}
