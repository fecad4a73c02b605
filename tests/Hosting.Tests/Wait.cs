namespace Nvmf.Hosting.Tests;

/// <summary>Waiting for conditions, never for time to pass.</summary>
internal static class Wait
{
    /// <summary>Long enough for a loaded machine; a test that reaches it has failed.</summary>
    public static TimeSpan Deadline { get; } = TimeSpan.FromSeconds(30);

    public static Task UntilAsync(Func<bool> condition, string what) => UntilAsync(() => Task.FromResult(condition()), what);

    public static async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        while (!await condition())
        {
            Assert.False(deadline.IsCancellationRequested, $"Waited in vain: {what}.");
            await Task.Delay(10);
        }
    }
}
