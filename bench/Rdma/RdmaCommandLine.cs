using System.CommandLine;
using System.Globalization;

namespace Nvmf.Bench.Rdma;

/// <summary>The options of the tool.</summary>
internal static class RdmaCommandLine
{
    private static readonly string[] DefaultCases =
    [
        "randread:4k:32:null", "randwrite:4k:32:null", "randread:4k:32:mem", "randwrite:4k:32:mem", "randread:128k:8:mem", "randwrite:128k:8:mem",
    ];

    public static async Task<int> RunAsync(string[] args)
    {
        ParseResult command = Create().Parse(args);
        if (command.Errors.Count == 0)
        {
            return await command.InvokeAsync();
        }

        foreach (System.CommandLine.Parsing.ParseError error in command.Errors)
        {
            Console.Error.WriteLine(error.Message);
        }

        return 1;
    }

    private static RootCommand Create()
    {
        var device = new Option<string>("--device") { Description = "rxe (soft RoCE) or siw (soft iWARP)", DefaultValueFactory = static _ => "rxe" };
        device.AcceptOnlyFromAmong("rxe", "siw");
        var cases = new Option<string[]>("--case")
        {
            Description = "PATTERN:BLOCK:DEPTH:mem|null in fio's words; may be given several times",
            DefaultValueFactory = static _ => DefaultCases,
        };
        var rounds = new Option<int>("--rounds") { Description = "Rounds per case and target", DefaultValueFactory = static _ => 3 };
        var seconds = new Option<double>("--seconds") { Description = "Length of a round, in 10⁹ instructions", DefaultValueFactory = static _ => 1 };
        var settle = new Option<double>("--settle") { Description = "Load per case before the first round, in 10⁹ instructions", DefaultValueFactory = static _ => 3 };
        var minutes = new Option<int>("--minutes") { Description = "Give up after this", DefaultValueFactory = static _ => 60 };
        var command = new RootCommand("Instructions per I/O of the target over NVMe/RDMA against Linux's nvmet-rdma, in one emulated guest.") { device, cases, rounds, seconds, settle, minutes };
        command.SetAction(async result =>
        {
            try
            {
                // Numbers as the README prints them, whatever the machine's language.
                CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
                string root = FindRoot();
                var settings = new RdmaSettings(
                    result.GetValue(device)!,
                    result.GetValue(cases)!,
                    Math.Max(1, result.GetValue(rounds)),
                    Math.Clamp(result.GetValue(seconds), 0.1, 100),
                    Math.Clamp(result.GetValue(settle), 0.1, 1000),
                    Path.Combine(root, "samples", "TargetHost", "bin", "Release", "net10.0"),
                    Path.Combine(root, "tests", "Interop", "lab", "lab.sh"),
                    TimeSpan.FromMinutes(Math.Clamp(result.GetValue(minutes), 1, 1000)));
                Report.Print(settings, await Lab.RunAsync(settings));
                return 0;
            }
            catch (Exception exception) when (exception is IOException or InvalidOperationException)
            {
                Console.Error.WriteLine(exception.Message);
                return 1;
            }
        });
        return command;
    }

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Transports.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("The bench must lie in its repository: it uses the lab of tests/Interop.");
    }
}
