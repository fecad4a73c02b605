namespace Nvmf.Teardown.Tests;

/// <summary>Waiting for conditions, never for time to pass.</summary>
internal static class Eventually
{
    /// <summary>Long enough for a loaded machine; a test that reaches it has failed.</summary>
    public static TimeSpan Deadline { get; } = TimeSpan.FromSeconds(60);

    public static async Task TrueAsync(Func<bool> condition, Func<string> what)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        while (!condition())
        {
            Assert.False(deadline.IsCancellationRequested, $"Waited in vain: {what()}.");
            await Task.Delay(5);
        }
    }
}
