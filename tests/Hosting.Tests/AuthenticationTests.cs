using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Nvmf.Abstractions.Authentication;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Hosting.Tests.TargetHost;
using Nvmf.Initiator;

namespace Nvmf.Hosting.Tests;

/// <summary>Secrets in configuration, in code, at run time and on the command line; they go in and never come out.</summary>
public class AuthenticationTests
{
    private const string Host = "nqn.2026-11.example:host";
    private const string Secret = "DHHC-1:01:ISgvNj1ES1JZYGdudXyDipGYn6attLvCydDX3uXs8/rmV109:";
    private const string ControllerSecret = "DHHC-1:02:MjlAR05VXGNqcXh/ho2Um6KpsLe+xczT2uHo7/b9BAsSGSAnLjU8Q0pRWF9mbXR7YYoqlA==:";
    private const string Other = "DHHC-1:00:ICcuNTxDSlFYX2ZtdHuCiZCXnqWss7rByM/W3eTr8vmMpzdS:";

    [Fact]
    public void Everything_can_be_configured()
    {
        NvmeSubsystemOptions subsystem = Assert.Single(Bind($$"""
            { "RequireAuthentication": true, "AuthenticationHashes": [ "sha512", "Sha256" ], "AuthenticationGroups": [ "ffdhe4096", "null" ],
              "HostSecrets": [ { "Host": "{{Host}}", "Secret": "{{Secret}}", "ControllerSecret": "file:/etc/nvme/disk.secret" } ] }
            """).Subsystems);
        Assert.True(subsystem.RequireAuthentication);
        Assert.Equal([DhChapHash.Sha512, DhChapHash.Sha256], subsystem.AuthenticationHashes);
        Assert.Equal([DhChapGroup.Ffdhe4096, DhChapGroup.Null], subsystem.AuthenticationGroups);
        NvmeHostSecretOptions host = Assert.Single(subsystem.HostSecrets);
        Assert.Equal((Host, Secret, "file:/etc/nvme/disk.secret"), (host.Host, host.Secret, host.ControllerSecret));
    }

    [Theory]
    [InlineData("""{ "HostSecrets": [ { "Host": "host", "Secret": "env:X" } ] }""", "HostSecrets:0:Host: The NVMe qualified name 'host'")]
    [InlineData("""{ "HostSecrets": [ { "Host": "nqn.a:1" } ] }""", "HostSecrets:0:Secret: A secret is missing.")]
    [InlineData("""{ "HostSecrets": [ { "Host": "nqn.2026-11.a:1", "Secret": "DHHC-1:01:ISgvNj1:" } ] }""", "HostSecrets:0:Secret: ")]
    [InlineData("""{ "HostSecrets": [ { "Host": "nqn.2026-11.a:1", "Secret": "env:X", "ControllerSecret": "ISgvNj1" } ] }""", "HostSecrets:0:ControllerSecret: A DH-HMAC-CHAP secret has the form")]
    [InlineData("""{ "HostSecrets": [ { "Host": "nqn.2026-11.a:1", "Secret": "env:X" }, { "Host": "nqn.2026-11.a:1", "Secret": "env:X" } ] }""", "HostSecrets:1:Host: The host nqn.2026-11.a:1 is there twice.")]
    [InlineData("""{ "AuthenticationGroups": [ "Null", "Null" ] }""", "AuthenticationGroups:1: Null is there twice.")]
    public void Mistakes_are_named_without_the_secret(string subsystem, string expected)
    {
        var error = Assert.Throws<OptionsValidationException>(() => Bind(subsystem));
        Assert.Contains(error.Failures, failure => failure.Contains("Nvme:Subsystems:0:" + expected, StringComparison.Ordinal));
        Assert.DoesNotContain("ISgvNj1", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_with_a_secret_is_served_and_its_secret_is_nowhere()
    {
        await using TestTarget target = await TestTarget.StartAsync(o => o
            .Listen("tcp://127.0.0.1:0")
            .AddSubsystem(TestTarget.Nqn, s => s.AddNamespace("mem:16MiB").AllowHost(Host, Secret, ControllerSecret)));
        await using var initiator = new TestInitiator();
        NvmeController controller = await initiator.ConnectAsync(target.Address, Options(Secret, ControllerSecret));
        await (await controller.OpenNamespaceAsync(1)).WriteAsync(0, new byte[4096]);
        await Assert.ThrowsAsync<NvmeAuthenticationException>(() => initiator.ConnectAsync(target.Address, Options(Other, null)));
        await Assert.ThrowsAsync<NvmeException>(() => initiator.ConnectAsync(target.Address, TestTarget.Nqn));
        NvmeSubsystemInfo subsystem = Assert.Single(target.Control.Subsystems);
        Assert.Equal([Host], subsystem.Hosts);
        Assert.Equal([Host], subsystem.HostsWithSecrets);
        Assert.False(subsystem.RequiresAuthentication);
    }

    [Fact]
    public async Task Secrets_change_at_run_time()
    {
        await using TestTarget target = await TestTarget.StartAsync(o => o
            .Listen("tcp://127.0.0.1:0")
            .AddSubsystem(TestTarget.Nqn, s =>
            {
                s.AddNamespace("mem:16MiB");
                s.RequireAuthentication = true;
            }));
        await using var initiator = new TestInitiator();
        await Assert.ThrowsAsync<NvmeException>(() => initiator.ConnectAsync(target.Address, Options(Secret, null)));
        target.Control.AllowHost(TestTarget.Nqn, new NvmeHostSecretOptions { Host = Host, Secret = Secret });
        NvmeController first = await initiator.ConnectAsync(target.Address, Options(Secret, null));
        target.Control.AllowHost(TestTarget.Nqn, new NvmeHostSecretOptions { Host = Host, Secret = Other });
        await first.IdentifyControllerAsync();
        await Assert.ThrowsAsync<NvmeAuthenticationException>(() => initiator.ConnectAsync(target.Address, Options(Secret, null)));
        IReadOnlyList<DrainReport> reports = await target.Control.RemoveHostAsync(TestTarget.Nqn, Host).WaitAsync(Wait.Deadline);
        Assert.Contains(reports, report => report.Cause == TeardownCause.HostRemoved);
        await first.Ended.WaitAsync(Wait.Deadline);

        foreach ((string secret, NvmeTargetError kind) in new[] { (Secret[..^2], NvmeTargetError.Invalid), ("file:/nowhere/at/all", NvmeTargetError.Unavailable), ("", NvmeTargetError.Invalid) })
        {
            var error = Assert.Throws<NvmeTargetException>(() => target.Control.AllowHost(TestTarget.Nqn, new NvmeHostSecretOptions { Host = Host, Secret = secret }));
            Assert.Equal(kind, error.Error);
            Assert.DoesNotContain("ISgvNj1", error.ToString(), StringComparison.Ordinal);
        }

        Assert.Equal(NvmeTargetError.NotFound, Assert.Throws<NvmeTargetException>(() => target.Control.AllowHost("nqn.2026-11.a:b", new NvmeHostSecretOptions { Host = Host, Secret = Secret })).Error);
    }

    [Fact]
    public async Task A_secret_that_cannot_be_read_fails_the_start_with_one_sentence()
    {
        var error = await Assert.ThrowsAsync<NvmeTargetException>(() => TestTarget.StartAsync(o => o
            .AddSubsystem(TestTarget.Nqn, s => s.AddNamespace("mem:16MiB").AllowHost(Host, "env:NVMF_THERE_IS_NO_SUCH_VARIABLE"))));
        Assert.Equal("There is no environment variable 'NVMF_THERE_IS_NO_SUCH_VARIABLE' with a DH-HMAC-CHAP secret.", error.Message);
    }

    [Fact]
    public async Task The_program_takes_secrets_and_tells_none()
    {
        string http = $"127.0.0.1:{GenericHostTests.FreePort()}";
        string path = Path.GetTempFileName();
        await File.WriteAllTextAsync(path, Secret + "\n");
        try
        {
            await using TargetHostProcess host = await TargetHostProcess.StartAsync(
                "--listen", "tcp://127.0.0.1:0", "--disk", "mem:16MiB", "--http", http, "--verbose", "--dhchap-required",
                "--dhchap-secret", $"{Host}=file:{path}", "--dhchap-ctrl-secret", $"{Host}={ControllerSecret}", "--dhchap-hash", "sha384", "--dhchap-dhgroup", "ffdhe2048");
            const string Nqn = "nqn.2026-11.dev.nvmf:disk";
            Assert.Contains(host.Output, line => line.Contains($"-q {Host}", StringComparison.Ordinal) && line.EndsWith("-S SECRET -C SECRET", StringComparison.Ordinal));
            await using var initiator = new TestInitiator();
            await initiator.ConnectAsync(host.Address, Options(Secret, ControllerSecret) with { SubsystemNqn = Nqn });
            await host.WaitForLineAsync("has authenticated");
            Assert.Contains(host.Output, line => line.Contains("Sha384, Ffdhe2048, mutual: True", StringComparison.Ordinal));

            (int status, _) = await host.SendAsync("POST", "/hosts", $$"""{"nqn":"{{Nqn}}","host":"{{Host}}2","secret":"{{Other}}"}""");
            Assert.Equal(204, status);
            (status, var refused) = await host.SendAsync("POST", "/hosts", $$"""{"nqn":"{{Nqn}}","host":"{{Host}}2","secret":"{{Other[..^3]}}"}""");
            Assert.Equal(400, status);
            (_, var subsystems) = await host.SendAsync("GET", "/subsystems");
            Assert.True((bool)subsystems![0]!["authenticationRequired"]!);
            Assert.Equal(2, subsystems[0]!["hostsWithSecrets"]!.AsArray().Count);
            host.Signal(TargetHostProcess.Terminate);
            Assert.Equal(0, await host.ExitAsync());
            string all = string.Join('\n', host.Output) + subsystems.ToJsonString() + refused!.ToJsonString();
            Assert.All([Secret, ControllerSecret, Other], secret => Assert.DoesNotContain(secret.Split(':')[2][..^3], all, StringComparison.Ordinal));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData("--dhchap-secret: A host's secret is written NQN=SECRET.", "--dhchap-secret", Secret)]
    [InlineData("--dhchap-secret: The checksum of the DH-HMAC-CHAP secret is wrong: it was mistyped or cut off.", "--dhchap-secret", $"{Host}=DHHC-1:01:IsgvNj1ES1JZYGdudXyDipGYn6attLvCydDX3uXs8/rmV109:")]
    [InlineData($"--dhchap-ctrl-secret: The host {Host} has no --dhchap-secret.", "--dhchap-ctrl-secret", $"{Host}={Secret}")]
    [InlineData("--dhchap-hash: 'md5' is none of sha256, sha384, sha512.", "--dhchap-hash", "md5")]
    [InlineData("--dhchap-dhgroup: 'ffdhe1024' is none of null, ffdhe2048, ffdhe3072, ffdhe4096, ffdhe6144, ffdhe8192.", "--dhchap-dhgroup", "ffdhe1024")]
    public async Task The_program_names_mistakes_without_the_secret(string sentence, params string[] arguments)
    {
        (int exitCode, string output, string error) = await TargetHostProcess.RunAsync(arguments);
        Assert.Equal((2, "", sentence + "\n"), (exitCode, output, error));
    }

    private static NvmeConnectOptions Options(string secret, string? controllerSecret) => new()
    {
        SubsystemNqn = TestTarget.Nqn,
        HostNqn = Host,
        KeepAlive = TimeSpan.FromSeconds(30),
        HostSecret = DhChapSecret.Parse(secret),
        ControllerSecret = controllerSecret is null ? null : DhChapSecret.Parse(controllerSecret),
    };

    private static NvmeTransportOptions Bind(string subsystem)
    {
        string json = $$"""{ "Nvme": { "Subsystems": [ {{subsystem.Insert(subsystem.IndexOf('{') + 1, "\"Nqn\": \"nqn.2026-11.example:one\",")}} ] } }""";
        IConfiguration configuration = new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json))).Build();
        using ServiceProvider services = new ServiceCollection().AddSingleton(configuration).AddNvmeTransport().BuildServiceProvider();
        return services.GetRequiredService<IOptions<NvmeTransportOptions>>().Value;
    }
}
