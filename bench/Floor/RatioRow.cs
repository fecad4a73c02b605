namespace Nvmf.Bench.Floor;

/// <summary>All rounds of one case, as a row of the table.</summary>
internal sealed class RatioRow(FloorCase floorCase)
{
    // A core that is busy to this share is what limits the throughput.
    private const double Saturated = 0.95;

    private readonly List<Round> _rounds = [];

    public static string Header =>
        "| case | floor op/s | target op/s | target/floor, throughput | floor CPU µs/op | target CPU µs/op | floor/target, CPU | the same to a floor that copies | server busy: floor, target | client busy: floor, target | target limited by |\n"
        + "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---|";

    public FloorCase Case => floorCase;

    public void Add(Round round) => _rounds.Add(round);

    public override string ToString()
    {
        var server = Median(round => round.Target.ServerUtilization);
        var client = Median(round => round.Target.ClientUtilization);
        var limit = (server >= Saturated, client >= Saturated) switch
        {
            (true, true) => "both",
            (true, false) => "server",
            (false, true) => "client",
            _ => "latency",
        };
        var copying = _rounds[0].CopyingFloor is null
            ? ""
            : $"{Median(round => round.Target.OperationsPerSecond / round.CopyingFloor!.Value.OperationsPerSecond):0.00}, {Median(round => round.CopyingFloor!.Value.ServerMicroseconds / round.Target.ServerMicroseconds):0.00}";
        return $"| {floorCase.Name} | {Median(round => round.Floor.OperationsPerSecond):N0} | {Median(round => round.Target.OperationsPerSecond):N0} "
            + $"| **{Median(round => round.Target.OperationsPerSecond / round.Floor.OperationsPerSecond):0.00}** "
            + $"| {Median(round => round.Floor.ServerMicroseconds):0.00} | {Median(round => round.Target.ServerMicroseconds):0.00} "
            + $"| **{Median(round => round.Floor.ServerMicroseconds / round.Target.ServerMicroseconds):0.00}** | {copying} "
            + $"| {Median(round => round.Floor.ServerUtilization):P0}, {server:P0} | {Median(round => round.Floor.ClientUtilization):P0}, {client:P0} | {limit} |";
    }

    private double Median(Func<Round, double> select)
    {
        var values = _rounds.Select(select).Order().ToArray();
        return values.Length % 2 == 1 ? values[values.Length / 2] : (values[(values.Length / 2) - 1] + values[values.Length / 2]) / 2;
    }
}
