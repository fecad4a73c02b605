using System.CommandLine;
using System.Globalization;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Nvmf.Bench.Http;

/// <summary>The options of the tool, and the hidden command of its children.</summary>
internal static class HttpCommandLine
{
    public static async Task<int> RunAsync(string[] args)
    {
        if (args is ["serve", var kind, var protocols, var core])
        {
            return await WebServer.RunAsync(Enum.Parse<TransportKind>(kind), Enum.Parse<HttpProtocols>(protocols), int.Parse(core, CultureInfo.InvariantCulture));
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
        var cases = new Option<string?>("--case") { Description = "Only the cases whose name contains this text" };
        var kinds = new Option<string[]>("--transports") { Description = "Sockets, Tcp, SocketsInline, TcpInline; default: all", AllowMultipleArgumentsPerToken = true };
        kinds.AcceptOnlyFromAmong(Enum.GetNames<TransportKind>());
        var rounds = new Option<int>("--rounds") { Description = "Rounds per case", DefaultValueFactory = _ => 5 };
        var seconds = new Option<int>("--seconds") { Description = "Length of a round", DefaultValueFactory = _ => 3 };
        var serverCore = new Option<int>("--server-core") { Description = "Core of the servers; -1: any", DefaultValueFactory = _ => -1 };
        var clientCore = new Option<int>("--client-core") { Description = "Core of wrk and h2load; -1: any", DefaultValueFactory = _ => -1 };
        var command = new RootCommand("Measures Kestrel over the TCP transport against Kestrel over Sockets, with wrk and h2load.")
        {
            cases, kinds, rounds, seconds, serverCore, clientCore,
        };
        command.SetAction(async result =>
        {
            HttpCase[] selected = [.. HttpCase.All.Where(c => c.Name.Contains(result.GetValue(cases) ?? "", StringComparison.OrdinalIgnoreCase))];
            if (selected.Length == 0)
            {
                Console.Error.WriteLine($"There is no case '{result.GetValue(cases)}': the names are {string.Join("; ", HttpCase.All.Select(c => c.Name))}.");
                return 1;
            }

            if (Missing(selected) is { } missing)
            {
                Console.Error.WriteLine(missing);
                return 1;
            }

            TransportKind[] transports = result.GetValue(kinds) is { Length: > 0 } names ? [.. names.Select(Enum.Parse<TransportKind>)] : Enum.GetValues<TransportKind>();
            CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
            try
            {
                if (result.GetValue(clientCore) is >= 0 and var core)
                {
                    Affinity.Pin(core);
                }

                var length = TimeSpan.FromSeconds(Math.Clamp(result.GetValue(seconds), 1, 3600));
                await new HttpBench(selected, transports, Math.Max(1, result.GetValue(rounds)), length, result.GetValue(serverCore)).RunAsync();
                return 0;
            }
            catch (Exception e) when (e is IOException or InvalidOperationException)
            {
                Console.Error.WriteLine(e.Message);
                return 1;
            }
        });
        return command;
    }

    private static string? Missing(HttpCase[] cases)
    {
        var missing = cases.Select(LoadTool.For).Distinct().Where(tool => !LoadTool.IsInstalled(tool.Tool)).ToArray();
        return missing.Length == 0
            ? null
            : $"{string.Join(" and ", missing.Select(m => m.Tool))} cannot be found: on Debian, apt-get install {string.Join(' ', missing.Select(m => m.Package))}.";
    }
}
