using System.Diagnostics;

namespace Nvmf.Interop.Lab;

/// <summary>Calls <c>lab/lab.sh</c>, which knows how to make and boot the guest.</summary>
internal static class LabScript
{
    private const int Unavailable = 69;

    /// <summary>Installs, fetches and builds what is missing.</summary>
    /// <param name="timeout">The first time takes a minute or two, the packages' download included.</param>
    /// <param name="kernel">Series of the guest's kernel, for example 6.12; null for the usual one.</param>
    /// <returns>Null, or the reason why this machine cannot have the lab.</returns>
    public static async Task<string?> PrepareAsync(TimeSpan timeout, string? kernel = null) => (await RunAsync("prepare", timeout, kernel)).Unavailable;

    /// <summary>Builds soft iWARP's module for the guest's kernel if it is missing.</summary>
    /// <returns>Its file, or the reason why this machine cannot build it.</returns>
    public static Task<(string File, string? Unavailable)> BuildSoftIwarpAsync(TimeSpan timeout, string? kernel = null) => RunAsync("siw", timeout, kernel);

    private static async Task<(string Output, string? Unavailable)> RunAsync(string command, TimeSpan timeout, string? kernel)
    {
        ProcessStartInfo start = Command(kernel, command);
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> messages = process.StandardError.ReadToEndAsync();
        using var deadline = new CancellationTokenSource(timeout);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"lab.sh {command} took longer than {timeout.TotalMinutes} minutes: {await messages}");
        }

        string text = (await messages).Trim();
        return process.ExitCode switch
        {
            0 => ((await output).Trim(), null),
            Unavailable => ("", text.Split('\n')[^1]),
            _ => throw new InvalidOperationException($"lab.sh {command} failed ({process.ExitCode}): {text}"),
        };
    }

    /// <summary>
    /// The command line that boots a guest with the command channel on its standard input and output, and with ports of this machine's loopback that lead to ports of the guest.
    /// </summary>
    public static ProcessStartInfo Agent(string folder, TimeSpan life, string? kernel, params (int Here, int There)[] forwards)
    {
        ProcessStartInfo start = Command(
            kernel, ["agent", "-t", $"{life.TotalSeconds:0}", .. forwards.SelectMany(static port => new[] { "-f", $"{port.Here}:{port.There}" }), folder]);
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        return start;
    }

    private static ProcessStartInfo Command(string? kernel, params string[] arguments)
    {
        var start = new ProcessStartInfo("bash", [Path.Combine(Repository.Root, "tests", "Interop", "lab", "lab.sh"), .. arguments]) { UseShellExecute = false };
        if (kernel is not null)
        {
            start.Environment["LAB_KERNEL"] = kernel;
        }

        return start;
    }
}
