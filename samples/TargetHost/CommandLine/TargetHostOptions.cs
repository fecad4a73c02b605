using System.Net;
using Nvmf.Abstractions.Authentication;
using Nvmf.Abstractions.Connections;
using Nvmf.Hosting;
using Nvmf.Hosting.Disks;

namespace TargetHost.CommandLine;

/// <summary>What the command line asks for.</summary>
internal sealed record TargetHostOptions(
    IReadOnlyList<FabricsAddress> Listen,
    IReadOnlyList<DiskSpecification> Disks,
    string Nqn,
    IReadOnlyList<string> Hosts,
    IReadOnlyList<NvmeHostSecretOptions> Secrets,
    bool RequireAuthentication,
    IReadOnlyList<DhChapHash> AuthenticationHashes,
    IReadOnlyList<DhChapGroup> AuthenticationGroups,
    int? Loops,
    bool Pin,
    TimeSpan Spin,
    string ZeroCopy,
    bool RdmaSharedReceiveQueue,
    string PoolLimit,
    bool Poison,
    IPEndPoint? Http,
    bool Verbose)
    : ProgramOptions(Http, Verbose);
