using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Nvmf.Hosting.Internal;

/// <summary>
/// Binds the section <c>Nvme</c>, when the host has a configuration. A key that means nothing is a mistake: a misspelt <c>Hosts</c> would
/// otherwise open a subsystem to everybody.
/// </summary>
internal sealed partial class ConfigureFromConfiguration(IServiceProvider services) : IConfigureOptions<NvmeTransportOptions>
{
    public void Configure(NvmeTransportOptions options)
    {
        if (services.GetService<IConfiguration>()?.GetSection(NvmeTransportOptions.SectionName) is not { } section || !section.Exists())
        {
            return;
        }

        try
        {
            section.Bind(options, binder => binder.ErrorOnUnknownConfiguration = true);
        }
        catch (InvalidOperationException error)
        {
            throw new OptionsValidationException(
                Options.DefaultName, typeof(NvmeTransportOptions), [Sentence(section.Path, error.Message)]);
        }
    }

    private static string Sentence(string path, string message)
    {
        // The binder's message names the keys behind an explanation of its own options, which help nobody who writes a configuration.
        Match unknown = UnknownKeys().Match(message);
        return unknown.Success
            ? $"The configuration section '{path}' has keys that mean nothing there: {unknown.Groups[1].Value}."
            : $"The configuration section '{path}' cannot be used: {message}";
    }

    [GeneratedRegex(@"not found on the instance of \S+: (.+)$")]
    private static partial Regex UnknownKeys();
}
