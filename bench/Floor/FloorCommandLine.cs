using System.CommandLine;
using System.Globalization;
using Microsoft.AspNetCore.Connections;

namespace Nvmf.Bench.Floor;

/// <summary>The options of the tool, and the hidden command of its children.</summary>
internal static class FloorCommandLine
{
    public static async Task<int> RunAsync(string[] args)
    {
        if (args is ["serve", var kind, var core])
        {
            return await ChildMain.RunAsync(Enum.Parse<ServerKind>(kind), int.Parse(core, CultureInfo.InvariantCulture));
        }

        var command = Create().Parse(args);
        if (command.Errors.Count == 0)
        {
            return await command.InvokeAsync();
        }

        foreach (var error in command.Errors)
        {
            Console.Error.WriteLine(error.Message);
        }

        return 1;
    }

    private static RootCommand Create()
    {
        var mode = new Argument<string>("mode") { Description = "ratios, allocations, idle or all", DefaultValueFactory = _ => "all" };
        mode.AcceptOnlyFromAmong("ratios", "allocations", "idle", "all");
        var cases = new Option<string?>("--case") { Description = "Only the cases whose name contains this text" };
        var starts = new Option<int>("--starts") { Description = "How often both servers are started anew", DefaultValueFactory = _ => 3 };
        var rounds = new Option<int>("--rounds") { Description = "Rounds per case and start", DefaultValueFactory = _ => 5 };
        var seconds = new Option<double>("--seconds") { Description = "Length of a round", DefaultValueFactory = _ => 1 };
        var settle = new Option<double>("--settle") { Description = "Seconds of all cases in turn before the first one, for the runtime to compile what they made hot", DefaultValueFactory = _ => 20 };
        var warmUp = new Option<double>("--warmup") { Description = "Seconds before the first round of a case", DefaultValueFactory = _ => 1 };
        var serverCore = new Option<int>("--server-core") { Description = "Core of the servers", DefaultValueFactory = _ => 1 };
        var clientCore = new Option<int>("--client-core") { Description = "Core of the client", DefaultValueFactory = _ => 0 };
        var command = new RootCommand("Measures the target against the socket floor: the same messages over the same event loop without NVMe.")
        {
            mode, cases, starts, rounds, seconds, settle, warmUp, serverCore, clientCore,
        };
        command.SetAction(async result =>
        {
            var settings = new FloorSettings(
                [.. FloorCase.All.Where(floorCase => floorCase.Name.Contains(result.GetValue(cases) ?? "", StringComparison.OrdinalIgnoreCase))],
                Math.Max(1, result.GetValue(starts)),
                Math.Max(1, result.GetValue(rounds)),
                TimeSpan.FromSeconds(Math.Clamp(result.GetValue(seconds), 0.05, 3600)),
                TimeSpan.FromSeconds(Math.Clamp(result.GetValue(settle), 0, 3600)),
                TimeSpan.FromSeconds(Math.Clamp(result.GetValue(warmUp), 0, 3600)),
                TimeSpan.FromSeconds(10),
                result.GetValue(serverCore),
                result.GetValue(clientCore));
            if (settings.Cases.Count == 0)
            {
                Console.Error.WriteLine($"There is no case '{result.GetValue(cases)}': the names are {string.Join("; ", FloorCase.All.Select(floorCase => floorCase.Name))}.");
                return 1;
            }

            try
            {
                await MeasureAsync(result.GetValue(mode)!, settings);
                return 0;
            }
            catch (Exception e) when (e is IOException or InvalidOperationException or TimeoutException or ConnectionAbortedException or PlatformNotSupportedException)
            {
                Console.Error.WriteLine(e.Message);
                return 1;
            }
        });
        return command;
    }

    private static async Task MeasureAsync(string mode, FloorSettings settings)
    {
        // Numbers as the README prints them, whatever the machine's language.
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        Affinity.Pin(settings.ClientCore);
        await using var bench = new FloorBench(settings);
        if (mode is "ratios" or "all")
        {
            await bench.MeasureRatiosAsync();
        }

        if (mode is "allocations" or "all")
        {
            await bench.MeasureAllocationsAsync();
        }

        if (mode is "idle" or "all")
        {
            await bench.MeasureIdleAsync();
        }
    }
}
