namespace Nvmf.Bench.Rdma;

/// <summary>The tables: medians over the rounds.</summary>
internal static class Report
{
    public static void Print(RdmaSettings settings, List<Sample> samples)
    {
        Console.WriteLine($"\nInstructions per I/O in the whole guest ({settings.Device}): initiator, soft RDMA and target. Medians of {settings.Rounds} interleaved rounds of {settings.Seconds:0.##}·10⁹ instructions.\n");
        Console.WriteLine("| load | ours | Linux nvmet-rdma | ours to Linux |\n|---|---:|---:|---:|");
        foreach (string name in settings.Cases)
        {
            Sample[] ours = Of(samples, name, isOurs: true), linux = Of(samples, name, isOurs: false);
            double ratio = Median(ours.Zip(linux, static (a, b) => a.PerIO(a.Guest) / b.PerIO(b.Guest)));
            Console.WriteLine($"| {Name(name)} | {Median(ours, static s => s.Guest):N0} | {Median(linux, static s => s.Guest):N0} | {ratio:0.00} |");
        }

        Console.WriteLine("\nOn whose time. Soft RDMA works for both ends in whatever thread it finds: these columns do not say whose work it was.\n");
        Console.WriteLine("| load | target | TargetHost | of it outside the kernel, roughly | high-priority kworkers | ksoftirqd | fio | others |\n|---|---|---:|---:|---:|---:|---:|---:|");
        foreach (string name in settings.Cases)
        {
            foreach (bool isOurs in (bool[])[true, false])
            {
                Sample[] rounds = Of(samples, name, isOurs);
                Console.WriteLine(
                    $"| {Name(name)} | {(isOurs ? "ours" : "Linux")} | {Median(rounds, static s => s.TargetHost):N0} | {(double)rounds.Sum(static s => s.User) / rounds.Sum(static s => s.IOs):N0} | "
                    + $"{Median(rounds, static s => s.Workers):N0} | {Median(rounds, static s => s.SoftInterrupts):N0} | {Median(rounds, static s => s.Fio):N0} | {Median(rounds, static s => s.Others):N0} |");
            }
        }
    }

    private static Sample[] Of(List<Sample> samples, string name, bool isOurs)
    {
        Sample[] rounds = [.. samples.Where(sample => sample.Case == name && sample.IsOurs == isOurs)];
        return rounds.Length > 0 ? rounds : throw new InvalidOperationException($"The guest reported no round of {name}.");
    }

    private static string Name(string name)
    {
        string[] parts = name.Split(':');
        return $"{parts[0]} {parts[1]}, depth {parts[2]}, {(parts[3] == "mem" ? "memory" : "null")}";
    }

    private static double Median(Sample[] samples, Func<Sample, long> select) => Median(samples.Select(sample => sample.PerIO(select(sample))));

    private static double Median(IEnumerable<double> numbers)
    {
        double[] values = [.. numbers.Order()];
        return values.Length % 2 == 1 ? values[values.Length / 2] : (values[(values.Length / 2) - 1] + values[values.Length / 2]) / 2;
    }
}
