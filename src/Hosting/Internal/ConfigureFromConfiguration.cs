using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Nvmf.Hosting.Relay;

namespace Nvmf.Hosting.Internal;

/// <summary>
/// Binds the section <c>Nvme</c>, when the host has a configuration. A key that means nothing is a mistake, as is one value in the place of a list, which the
/// binder passes over: a misspelt <c>Hosts</c>, or one that is no list, would otherwise open a subsystem to everybody.
/// </summary>
internal sealed partial class ConfigureFromConfiguration(IServiceProvider services) : IConfigureOptions<NvmeTransportOptions>
{
    public void Configure(NvmeTransportOptions options)
    {
        if (services.GetService<IConfiguration>()?.GetSection(NvmeTransportOptions.SectionName) is not { } section || !section.Exists())
        {
            return;
        }

        if (FindLoneValue(section, parent: null) is { } lone)
        {
            // Not the value itself: it may be a secret.
            throw new OptionsValidationException(
                Options.DefaultName,
                typeof(NvmeTransportOptions),
                [$"The configuration section '{lone.Path}' is one value where several belong."]);
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

    /// <summary>The keys of lists whose elements have keys of their own.</summary>
    private static readonly string[] Tables =
    [
        nameof(NvmeTransportOptions.Subsystems),
        nameof(NvmeSubsystemOptions.Namespaces),
        nameof(NvmeSubsystemOptions.HostSecrets),
        nameof(NvmeTransportOptions.Relays),
    ];

    /// <summary>The keys that have others, or a list, below them.</summary>
    private static readonly string[] Branches =
    [
        NvmeTransportOptions.SectionName,
        nameof(NvmeTransportOptions.Listeners),
        nameof(NvmeTransportOptions.Referrals),
        nameof(NvmeTransportOptions.Deadlines),
        nameof(NvmeSubsystemOptions.Hosts),
        nameof(NvmeSubsystemOptions.AuthenticationHashes),
        nameof(NvmeSubsystemOptions.AuthenticationGroups),
        nameof(NvmeRelayOptions.Upstreams),
        .. Tables,
    ];

    private static IConfigurationSection? FindLoneValue(IConfigurationSection section, string? parent) =>
        !string.IsNullOrEmpty(section.Value) && (Has(Branches, section.Key) || Has(Tables, parent))
            ? section
            : section.GetChildren().Select(child => FindLoneValue(child, section.Key)).FirstOrDefault(found => found is not null);

    private static bool Has(string[] keys, string? key) => keys.Contains(key, StringComparer.OrdinalIgnoreCase);

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
