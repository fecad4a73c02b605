using System.Diagnostics;
using Nvmf.EventLoop.Internal;

namespace Nvmf.EventLoop.Tests;

public class YieldPolicyTests
{
    private long _now = 1;

    [Fact]
    public void YieldsFromTwentyThousandASecondOnUntilFewerThanTenThousand()
    {
        var policy = new YieldPolicy(_now);
        Assert.False(AfterOneSecond(policy, 20_000));
        Assert.True(AfterOneSecond(policy, 21_000));
        Assert.True(AfterOneSecond(policy, 11_000));
        Assert.False(AfterOneSecond(policy, 9_000));
        Assert.False(AfterOneSecond(policy, 19_000));
    }

    [Fact]
    public void ABurstAfterSilenceIsNotMuchToDo()
    {
        var policy = new YieldPolicy(_now);
        _now += 3600 * Stopwatch.Frequency;
        policy.OnTurn(10_000, _now);
        Assert.False(policy.Yields);
    }

    [Fact]
    public void TheFirstTurnAfterSilenceEndsIt()
    {
        var policy = new YieldPolicy(_now);
        Assert.True(AfterOneSecond(policy, 100_000));
        _now += Stopwatch.Frequency;
        policy.OnTurn(1, _now);
        Assert.False(policy.Yields);
    }

    /// <summary>A second of turns of a millisecond each.</summary>
    private bool AfterOneSecond(YieldPolicy policy, int work)
    {
        for (int i = 0; i < 1000; i++)
        {
            _now += Stopwatch.Frequency / 1000;
            policy.OnTurn(work / 1000, _now);
        }

        return policy.Yields;
    }
}
