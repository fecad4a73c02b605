using System.Collections;
using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Nvmf.Hosting.Tests;

/// <summary>
/// A list of the configuration for which one value was given: the binder passes it over, and a subsystem whose hosts or secrets were passed over is open to everybody. So every
/// list that the options have, now or later, is tried.
/// </summary>
public class ConfigurationListTests
{
    public static TheoryData<string> Lists => [.. Find(typeof(NvmeTransportOptions), "Nvme")];

    [Theory]
    [MemberData(nameof(Lists))]
    public void One_value_is_no_list(string key)
    {
        var error = Assert.Throws<OptionsValidationException>(() => Bind(key, "one:value"));
        string sentence = Assert.Single(error.Failures);
        Assert.Contains($"'{key}' is one value", sentence, StringComparison.Ordinal);
        Assert.DoesNotContain("one:value", sentence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Nvme:Subsystems:0:HostSecrets:0", true)]
    [InlineData("Nvme:Subsystems:0:Hosts:0", false)]
    public void One_value_is_no_element_that_has_keys_of_its_own(string key, bool isOne)
    {
        var error = Record.Exception(() => Bind(key, "nqn.2026-11.example:host"));
        Assert.Equal(isOne, error is OptionsValidationException { Message: var message } && message.Contains("is one value", StringComparison.Ordinal));
    }

    private static IEnumerable<string> Find(Type options, string path)
    {
        foreach (PropertyInfo property in options.GetProperties().Where(p => p.PropertyType != typeof(string) && typeof(IEnumerable).IsAssignableFrom(p.PropertyType)))
        {
            string key = $"{path}:{property.Name}";
            yield return key;
            Type element = property.PropertyType.GetGenericArguments()[0];
            foreach (string below in element.Assembly == typeof(NvmeTransportOptions).Assembly && element.IsClass ? Find(element, $"{key}:0") : [])
            {
                yield return below;
            }
        }
    }

    private static NvmeTransportOptions Bind(string key, string value)
    {
        IConfiguration configuration = new ConfigurationBuilder().AddInMemoryCollection([new(key, value)]).Build();
        using ServiceProvider services = new ServiceCollection().AddSingleton(configuration).AddLogging().AddNvmeTransport().BuildServiceProvider();
        return services.GetRequiredService<IOptions<NvmeTransportOptions>>().Value;
    }
}
