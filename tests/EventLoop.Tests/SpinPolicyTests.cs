using System.Diagnostics;
using Nvmf.EventLoop.Internal;

namespace Nvmf.EventLoop.Tests;

public class SpinPolicyTests
{
    private static readonly TimeSpan Duration = TimeSpan.FromMicroseconds(10);

    [Fact]
    public void PollsAfterWorkOnly()
    {
        var policy = new SpinPolicy(Duration);
        Assert.True(policy.Budget(hadWork: true) > 0);
        Assert.Equal(0, policy.Budget(hadWork: false));
        Assert.Equal(0, new SpinPolicy(TimeSpan.Zero).Budget(hadWork: true));
    }

    [Fact]
    public void StopsAfterPollingInVainAndStartsAgainWhenItWouldHavePaid()
    {
        var policy = new SpinPolicy(Duration);
        for (int i = 0; i < 8; i++)
        {
            policy.OnMissed();
        }

        Assert.Equal(0, policy.Budget(hadWork: true));
        policy.OnSlept(Stopwatch.Frequency);
        Assert.Equal(0, policy.Budget(hadWork: true));
        policy.OnSlept(Stopwatch.Frequency / 50_000);
        Assert.True(policy.Budget(hadWork: true) > 0);
    }
}
