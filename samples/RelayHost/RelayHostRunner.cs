using Microsoft.Extensions.DependencyInjection;
using Nvmf.Hosting.Relay;
using RelayHost.CommandLine;

namespace RelayHost;

/// <summary>Runs the relay until it has drained.</summary>
internal static class RelayHostRunner
{
    public static Task<int> RunAsync(RelayHostOptions options) => ProgramRunner.RunAsync(
        options,
        () => RelayHostBuilder.Build(options),
        services => Banner(services.GetRequiredService<INvmeRelayControl>(), ControlAddress.Of(services)),
        error => error is ArgumentOutOfRangeException { ParamName: "PipeSize" } ? $"--pipe-size: {options.PipeSize} is not a size from 4KiB to 1GiB." : null);

    private static string Banner(INvmeRelayControl control, string? http)
    {
        using var output = new StringWriter();
        foreach (NvmeRelayInfo relay in control.Relays)
        {
            output.WriteLine($"Relaying {relay.Address} to {string.Join(", ", relay.Upstreams.Select(u => u.EndPoint))}");
        }

        if (http is not null)
        {
            output.WriteLine($"Control on {http}");
        }

        output.WriteLine("Ctrl-C drains and ends.");
        return output.ToString();
    }
}
