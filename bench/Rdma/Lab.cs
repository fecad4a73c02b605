using System.Diagnostics;
using System.Globalization;

namespace Nvmf.Bench.Rdma;

/// <summary>Runs the load in a guest of <c>tests/Interop/lab</c> whose clock counts instructions.</summary>
internal static class Lab
{
    public static async Task<List<Sample>> RunAsync(RdmaSettings settings)
    {
        if (settings.Device == "siw")
        {
            await RunAsync(settings, ["siw"], static _ => { });
        }

        var samples = new List<Sample>();
        string[] command =
        [
            "run", "-i", "-t", Text(settings.Timeout.TotalSeconds), "-s", settings.TargetHost,
            Path.Combine(AppContext.BaseDirectory, "guest.sh"),
            settings.Device, Text(settings.Rounds), Text(settings.Seconds), Text(settings.Settle), .. settings.Cases,
        ];
        await RunAsync(settings, command, line =>
        {
            Console.Error.WriteLine(line);
            if (Sample.Parse(line) is { } sample)
            {
                samples.Add(sample);
            }
        });
        return samples;
    }

    private static async Task RunAsync(RdmaSettings settings, string[] command, Action<string> output)
    {
        using Process process = Process.Start(new ProcessStartInfo("bash", [settings.Lab, .. command]) { RedirectStandardOutput = true })!;
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            output(line);
        }

        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"lab.sh {command[0]} ended with {process.ExitCode}.");
        }
    }

    private static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);
}
