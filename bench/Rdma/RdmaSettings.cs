namespace Nvmf.Bench.Rdma;

/// <summary>What to measure.</summary>
/// <param name="Device">rxe or siw.</param>
/// <param name="Cases">PATTERN:BLOCK:DEPTH:DISK each; DISK is mem or null.</param>
/// <param name="Rounds">Rounds per case and target.</param>
/// <param name="Seconds">Length of a round in seconds of the guest, which are 10⁹ instructions each.</param>
/// <param name="Settle">Load before the first round, per case and target, in the same seconds: the runtime compiles what is called often in several steps.</param>
/// <param name="TargetHost">Folder of the built samples/TargetHost.</param>
/// <param name="Lab">The lab's script.</param>
/// <param name="Timeout">Of the whole run, on this machine's clock.</param>
internal sealed record RdmaSettings(string Device, string[] Cases, int Rounds, double Seconds, double Settle, string TargetHost, string Lab, TimeSpan Timeout);
