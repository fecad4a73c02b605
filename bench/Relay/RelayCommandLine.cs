using System.CommandLine;
using System.ComponentModel;
using System.Globalization;

namespace Nvmf.Bench.Relay;

/// <summary>The options of the tool, and the hidden command of its children.</summary>
internal static class RelayCommandLine
{
    public static async Task<int> RunAsync(string[] args)
    {
        if (args is ["serve", var kind, var port, var core])
        {
            return await RelayServer.RunAsync(Enum.Parse<RelayKind>(kind), Number(port), Number(core));
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
        var kinds = new Option<RelayKind[]>("--kind") { Description = "Only these; may be given several times", DefaultValueFactory = _ => Enum.GetValues<RelayKind>() };
        var streams = new Option<int[]>("--streams") { Description = "Numbers of streams; may be given several times", DefaultValueFactory = _ => [1, 32] };
        var rounds = new Option<int>("--rounds") { Description = "Rounds per case", DefaultValueFactory = _ => 5 };
        var seconds = new Option<double>("--seconds") { Description = "Length of a round", DefaultValueFactory = _ => 1 };
        var settle = new Option<double>("--settle") { Description = "Seconds of each case before its first round, for the runtime to compile what it made hot", DefaultValueFactory = _ => 8 };
        var relayCore = new Option<int>("--relay-core") { Description = "Core of the relays", DefaultValueFactory = _ => 1 };
        var loadCore = new Option<int>("--load-core") { Description = "Core of client and upstream", DefaultValueFactory = _ => 0 };
        var haproxy = new Option<string>("--haproxy") { Description = "The haproxy program", DefaultValueFactory = _ => "haproxy" };
        var command = new RootCommand("Measures the relay against haproxy and against copying.") { kinds, streams, rounds, seconds, settle, relayCore, loadCore, haproxy };
        command.SetAction(async result =>
        {
            var settings = new RelaySettings(
                result.GetValue(kinds)!,
                [.. result.GetValue(streams)!.Select(count => Math.Clamp(count, 1, 1000))],
                Math.Max(1, result.GetValue(rounds)),
                TimeSpan.FromSeconds(Math.Clamp(result.GetValue(seconds), 0.05, 3600)),
                TimeSpan.FromSeconds(Math.Clamp(result.GetValue(settle), 0, 3600)),
                result.GetValue(relayCore),
                result.GetValue(loadCore),
                result.GetValue(haproxy)!);
            try
            {
                // Numbers as the README prints them, whatever the machine's language.
                CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
                Affinity.Pin(settings.LoadCore);
                await new RelayBench(settings).MeasureAsync();
                return 0;
            }
            catch (Win32Exception)
            {
                Console.Error.WriteLine($"There is no program '{settings.Haproxy}': install the Debian package haproxy, say where it is with --haproxy, or leave it out with --kind Splice --kind Copy.");
                return 1;
            }
            catch (Exception e) when (e is IOException or InvalidOperationException or TimeoutException or PlatformNotSupportedException)
            {
                Console.Error.WriteLine(e.Message);
                return 1;
            }
        });
        return command;
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
