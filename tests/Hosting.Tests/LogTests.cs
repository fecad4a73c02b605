using System.Reflection;
using Microsoft.Extensions.Logging;

namespace Nvmf.Hosting.Tests;

public class LogTests
{
    [Fact]
    public void Every_message_of_a_category_has_an_id_of_its_own()
    {
        IEnumerable<IGrouping<Type?, LoggerMessageAttribute>> categories = typeof(INvmeTargetControl).Assembly.GetTypes()
            .SelectMany(t => t.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Select(m => (m.DeclaringType, Message: m.GetCustomAttribute<LoggerMessageAttribute>()))
            .Where(m => m.Message is not null)
            .GroupBy(m => m.DeclaringType, m => m.Message!)
            .ToList();

        Assert.NotEmpty(categories);
        Assert.All(categories, messages => Assert.Equal(messages.Count(), messages.Select(m => m.EventId).Distinct().Count()));
    }
}
