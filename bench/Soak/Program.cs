using System.CommandLine;
using Nvmf.Bench.Soak;

var minutes = new Option<double>("--minutes") { Description = "How long.", DefaultValueFactory = _ => 1 };
var removals = new Option<int>("--removals") { Description = "End after so many removals of listeners.", DefaultValueFactory = _ => int.MaxValue };
var workers = new Option<int>("--workers") { Description = "Listeners at a time, each with hosts of its own.", DefaultValueFactory = _ => 4 };
var seed = new Option<int>("--seed") { Description = "Repeats the choices of an earlier run.", DefaultValueFactory = _ => Environment.TickCount };
var command = new RootCommand("Removes listeners under load, over and over, and checks every byte that hosts read.") { minutes, removals, workers, seed };
command.SetAction(async (parsed, cancellationToken) =>
{
    if (parsed.GetValue(minutes) is not (> 0 and <= 1e6) || parsed.GetValue(removals) < 1 || parsed.GetValue(workers) is < 1 or > 1000)
    {
        Console.Error.WriteLine("--minutes and --removals must be above 0, --workers from 1 to 1000.");
        return 1;
    }

    var options = new SoakOptions(
        TimeSpan.FromMinutes(parsed.GetValue(minutes)), parsed.GetValue(removals), parsed.GetValue(workers), parsed.GetValue(seed));
    Console.WriteLine($"seed {options.Seed}");
    SoakResult result = await new SoakRun(options, Console.WriteLine).RunAsync(cancellationToken);
    Console.WriteLine(result);
    return result.IsGood ? 0 : 2;
});
return await command.Parse(args).InvokeAsync();
