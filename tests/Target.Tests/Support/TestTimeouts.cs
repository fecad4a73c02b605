namespace Nvmf.Target.Tests.Support;

/// <summary>Deadlines after which a test that waits has failed; never a time that a test needs.</summary>
public static class TestTimeouts
{
    public static TimeSpan Long { get; } = TimeSpan.FromSeconds(30);

    /// <summary>Waits for a condition that another thread brings about.</summary>
    public static async Task UntilAsync(Func<bool> condition, string what)
    {
        DateTime end = DateTime.UtcNow + Long;
        while (!condition())
        {
            Assert.True(DateTime.UtcNow < end, $"Waited in vain for: {what}");
            await Task.Delay(1);
        }
    }
}
