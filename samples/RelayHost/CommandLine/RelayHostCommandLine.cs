using System.CommandLine;
using System.Net;
using Nvmf.Abstractions.Connections;

namespace RelayHost.CommandLine;

/// <summary>The options of this program and how they are read. Each mistake gets one sentence.</summary>
internal sealed class RelayHostCommandLine
{
    private const int MaxLoops = 1024;
    private const int MaxSeconds = 1_000_000;
    private const int DefaultConnectSeconds = 5;

    private readonly Option<FabricsAddress[]> _listen = OptionParsers.Repeatable("--listen", "tcp://ADDRESS:PORT", OptionParsers.Address,
        "Address to listen on; may be given several times. Default: tcp://127.0.0.1:4421.");

    private readonly Option<FabricsAddress[]> _upstream = OptionParsers.Repeatable("--upstream", "tcp://ADDRESS:PORT", OptionParsers.Address,
        "Where connections go; given several times, they take turns, and those that cannot be reached are passed over.");

    private readonly Option<int?> _loops = new("--loops")
    {
        HelpName = "NUMBER",
        Description = "Number of event loop threads.",
        CustomParser = result => OptionParsers.Number(result, 1, MaxLoops),
    };

    private readonly Option<string> _pipeSize = new("--pipe-size")
    {
        HelpName = "SIZE",
        Description = "Most bytes of one direction in the relay's hands, from 4KiB to 1GiB.",
        DefaultValueFactory = _ => "1MiB",
        CustomParser = result => OptionParsers.One(result, OptionParsers.Size),
    };

    private readonly Option<bool> _copy = new("--copy") { Description = "Copy through this process instead of splicing in the kernel." };

    private readonly Option<int?> _connectTimeout = new("--connect-timeout")
    {
        HelpName = "SECONDS",
        Description = $"How long connecting to one upstream may take. Default: {DefaultConnectSeconds}.",
        CustomParser = result => OptionParsers.Number(result, 1, MaxSeconds),
    };

    private readonly Option<int?> _idleTimeout = new("--idle-timeout")
    {
        HelpName = "SECONDS",
        Description = "Reset connections that moved no byte for this long. Default: never.",
        CustomParser = result => OptionParsers.Number(result, 1, MaxSeconds),
    };

    private readonly Option<IPEndPoint?> _http = new("--http")
    {
        HelpName = "ADDRESS:PORT",
        Description = "Serve status and control as JSON over HTTP. There is no authentication: use a loopback address. Default: off.",
        CustomParser = result => OptionParsers.One(result, OptionParsers.Http),
    };

    private readonly Option<bool> _verbose = new("--verbose") { Description = "Print debug messages." };

    public RelayHostCommandLine()
    {
        _upstream.Required = true;
        Root = new RootCommand("Relays TCP connections, NVMe/TCP or any other, through the kernel.")
        {
            _listen, _upstream, _loops, _pipeSize, _copy, _connectTimeout, _idleTimeout, _http, _verbose,
        };
    }

    public RootCommand Root { get; }

    public RelayHostOptions Read(ParseResult result) => new(
        result.GetValue(_listen) is { Length: > 0 } listen ? listen : [FabricsAddress.Parse("tcp://127.0.0.1:4421")],
        result.GetValue(_upstream) ?? [],
        result.GetValue(_loops),
        result.GetValue(_pipeSize)!,
        !result.GetValue(_copy),
        TimeSpan.FromSeconds(result.GetValue(_connectTimeout) ?? DefaultConnectSeconds),
        result.GetValue(_idleTimeout) is { } idle ? TimeSpan.FromSeconds(idle) : Timeout.InfiniteTimeSpan,
        result.GetValue(_http),
        result.GetValue(_verbose));
}
