using System.Diagnostics;

namespace Nvmf.Initiator.Tests.Fakes;

/// <summary>Waits for a condition that another thread brings about.</summary>
internal static class Eventually
{
    public static async Task IsTrueAsync(Func<bool> condition, string otherwise)
    {
        var start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < TargetFixture.Patience, otherwise);
            await Task.Delay(5);
        }
    }
}
