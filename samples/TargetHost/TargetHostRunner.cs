using Microsoft.Extensions.DependencyInjection;
using Nvmf.Hosting;
using TargetHost.CommandLine;

namespace TargetHost;

/// <summary>Runs the target until it has drained.</summary>
internal static class TargetHostRunner
{
    public static Task<int> RunAsync(TargetHostOptions options) => ProgramRunner.RunAsync(
        options,
        () => TargetHostBuilder.Build(options),
        services => Banner.Write(options, services.GetRequiredService<INvmeTargetControl>(), ControlAddress.Of(services)));
}
