namespace Nvmf.Bench.Floor;

/// <summary>How to measure.</summary>
internal sealed record FloorSettings(
    IReadOnlyList<FloorCase> Cases, int Starts, int Rounds, TimeSpan Window, TimeSpan Settle, TimeSpan WarmUp, TimeSpan IdleTime, int ServerCore, int ClientCore);
