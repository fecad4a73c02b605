using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using Nvmf.Abstractions.Authentication;
using Nvmf.Abstractions.Connections;
using Nvmf.Hosting;
using Nvmf.Hosting.Disks;

namespace TargetHost.CommandLine;

/// <summary>The options of this program and how they are read. Each mistake gets one sentence.</summary>
internal sealed class TargetHostCommandLine
{
    private const string DefaultNqn = "nqn.2026-11.dev.nvmf:disk";
    private const int MaxLoops = 1024;
    private const int MaxSpinMicroseconds = 1_000_000;
    private const int DefaultSpinMicroseconds = 20;

    private readonly Option<FabricsAddress[]> _listen = OptionParsers.Repeatable("--listen", "tcp://ADDRESS:PORT", OptionParsers.Address,
        "Address to listen on; may be given several times. Default: tcp://127.0.0.1:4420.");

    private readonly Option<DiskSpecification[]> _disk = OptionParsers.Repeatable("--disk", "mem:SIZE | file:PATH[,size=SIZE] | null:SIZE", TargetOptionParsers.Disk,
        "Disk to serve, each ',block=512|4096', ',readonly', ',delay=MILLISECONDSms', ',reservations=PATH' where wanted; may be given several times. Default: mem:256MiB.");

    private readonly Option<string> _nqn = new("--nqn")
    {
        HelpName = "NQN",
        Description = "Name of the subsystem.",
        DefaultValueFactory = _ => DefaultNqn,
        CustomParser = result => OptionParsers.One(result, TargetOptionParsers.Nqn),
    };

    private readonly Option<string[]> _host = OptionParsers.Repeatable("--host", "NQN", TargetOptionParsers.Nqn,
        "Host that may connect; may be given several times. Default: every host, or those of --dhchap-secret.");

    private readonly Option<HostAndSecret[]> _secret = OptionParsers.Repeatable("--dhchap-secret", "NQN=SECRET", TargetOptionParsers.HostSecret,
        "Host that may connect and must authenticate (DH-HMAC-CHAP); may be given several times. SECRET: file:PATH, env:NAME, or DHHC-1:0x:...: as 'nvme gen-dhchap-key' prints it, which other users of this machine then see.");

    private readonly Option<HostAndSecret[]> _controllerSecret = OptionParsers.Repeatable("--dhchap-ctrl-secret", "NQN=SECRET", TargetOptionParsers.HostSecret,
        "The subsystem's own secret towards a host of --dhchap-secret, with which it proves itself when the host asks; may be given several times.");

    private readonly Option<bool> _requireAuthentication = new("--dhchap-required") { Description = "Refuse hosts that have no secret." };

    private readonly Option<string[]> _hash = OptionParsers.Repeatable("--dhchap-hash", "sha256 | sha384 | sha512", TargetOptionParsers.Hash,
        "Hash function for authentication, the preferred one first; may be given several times. Default: all.");

    private readonly Option<string[]> _group = OptionParsers.Repeatable("--dhchap-dhgroup", "ffdhe2048 | ffdhe3072 | ffdhe4096 | ffdhe6144 | ffdhe8192 | null", TargetOptionParsers.Group,
        "Diffie-Hellman group for authentication, the preferred one first; may be given several times. Default: all, ffdhe3072 first, null last.");

    private readonly Option<int?> _loops = new("--loops")
    {
        HelpName = "NUMBER",
        Description = "Number of event loop threads.",
        CustomParser = result => OptionParsers.Number(result, 1, MaxLoops),
    };

    private readonly Option<bool> _pin = new("--pin") { Description = "Pin each event loop to a processor." };

    private readonly Option<int?> _spin = new("--spin")
    {
        HelpName = "MICROSECONDS",
        Description = $"Poll this long before an event loop sleeps. Default: 0; {DefaultSpinMicroseconds} when no time is given.",
        Arity = ArgumentArity.ZeroOrOne,
        CustomParser = result => result.Tokens.Count == 0 ? DefaultSpinMicroseconds : OptionParsers.Number(result, 0, MaxSpinMicroseconds),
    };

    private readonly Option<string> _zeroCopy = new("--zero-copy")
    {
        HelpName = "auto | always | never | SIZE",
        Description = "When data is sent without copying; SIZE: from this size on.",
        DefaultValueFactory = _ => "auto",
        CustomParser = result => OptionParsers.One(result, TargetOptionParsers.ZeroCopy),
    };

    private readonly Option<bool> _rdmaSharedReceiveQueue = new("--rdma-srq")
    {
        Description = "Let the RDMA queue pairs of a loop receive from one shared receive queue.",
    };

    private readonly Option<string> _pool = new("--pool")
    {
        HelpName = "SIZE",
        Description = "Upper bound of buffer memory.",
        DefaultValueFactory = _ => "256MiB",
        CustomParser = result => OptionParsers.One(result, OptionParsers.Size),
    };

    private readonly Option<bool> _poison = new("--poison") { Description = "Overwrite and check every released buffer." };

    private readonly Option<IPEndPoint?> _http = new("--http")
    {
        HelpName = "ADDRESS:PORT",
        Description = "Serve health and control as JSON over HTTP. There is no authentication: use a loopback address. Default: off.",
        CustomParser = result => OptionParsers.One(result, OptionParsers.Http),
    };

    private readonly Option<bool> _verbose = new("--verbose") { Description = "Print debug messages." };

    public TargetHostCommandLine()
    {
        Root = new RootCommand("Serves disks over NVMe/TCP and NVMe/RDMA.")
        {
            _listen, _disk, _nqn, _host, _secret, _controllerSecret, _requireAuthentication, _hash, _group,
            _loops, _pin, _spin, _zeroCopy, _rdmaSharedReceiveQueue, _pool, _poison, _http, _verbose,
        };
        Root.Validators.Add(CheckControllerSecrets);
    }

    public RootCommand Root { get; }

    public TargetHostOptions Read(ParseResult result) => new(
        result.GetValue(_listen) is { Length: > 0 } listen ? listen : [FabricsAddress.Parse("tcp://127.0.0.1:4420")],
        result.GetValue(_disk) is { Length: > 0 } disks ? disks : [DiskSpecification.Parse("mem:256MiB")],
        result.GetValue(_nqn)!,
        result.GetValue(_host) ?? [],
        ReadSecrets(result),
        result.GetValue(_requireAuthentication),
        [.. (result.GetValue(_hash) ?? []).Select(name => Enum.Parse<DhChapHash>(name, ignoreCase: true))],
        [.. (result.GetValue(_group) ?? []).Select(name => Enum.Parse<DhChapGroup>(name, ignoreCase: true))],
        result.GetValue(_loops),
        result.GetValue(_pin),
        TimeSpan.FromMicroseconds(result.GetValue(_spin) ?? 0),
        result.GetValue(_zeroCopy)!,
        result.GetValue(_rdmaSharedReceiveQueue),
        result.GetValue(_pool)!,
        result.GetValue(_poison),
        result.GetValue(_http),
        result.GetValue(_verbose));

    private void CheckControllerSecrets(CommandResult result)
    {
        // By their texts: values that were refused cannot be asked for.
        HashSet<string> hosts = [.. Hosts(result, _secret)];
        foreach (string host in Hosts(result, _controllerSecret).Where(host => !hosts.Contains(host)))
        {
            result.AddError($"--dhchap-ctrl-secret: The host {host} has no --dhchap-secret.");
        }
    }

    private static IEnumerable<string> Hosts(CommandResult result, Option option) =>
        result.GetResult(option)?.Tokens.Where(token => token.Value.Contains('=', StringComparison.Ordinal)).Select(token => token.Value.Split('=')[0]) ?? [];

    private NvmeHostSecretOptions[] ReadSecrets(ParseResult result)
    {
        HostAndSecret[] own = result.GetValue(_controllerSecret) ?? [];
        return
        [
            .. (result.GetValue(_secret) ?? []).Select(secret => new NvmeHostSecretOptions
            {
                Host = secret.Host,
                Secret = secret.Source,
                ControllerSecret = own.LastOrDefault(other => other.Host == secret.Host)?.Source,
            }),
        ];
    }
}
