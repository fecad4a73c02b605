using System.Net;
using Nvmf.Abstractions.Connections;

namespace RelayHost.CommandLine;

/// <summary>What the command line asks for.</summary>
internal sealed record RelayHostOptions(
    IReadOnlyList<FabricsAddress> Listen,
    IReadOnlyList<FabricsAddress> Upstreams,
    int? Loops,
    string PipeSize,
    bool Splice,
    TimeSpan ConnectTimeout,
    TimeSpan IdleTimeout,
    IPEndPoint? Http,
    bool Verbose)
    : ProgramOptions(Http, Verbose);
