namespace Nvmf.Bench.Relay;

/// <summary>What the command line asks for.</summary>
internal sealed record RelaySettings(
    IReadOnlyList<RelayKind> Kinds, IReadOnlyList<int> Streams, int Rounds, TimeSpan Window, TimeSpan Settle, int RelayCore, int LoadCore, string Haproxy);
