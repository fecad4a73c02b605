using System.Collections.Concurrent;
using System.Globalization;
using Nvmf.Hostile.Tests.Client;
using Nvmf.Hostile.Tests.Injuries;
using Nvmf.Transport.Tcp;
using Xunit.Abstractions;

namespace Nvmf.Hostile.Tests;

/// <summary>
/// A host that knows the state of its session and does one thing wrong. NVMF_HOSTILE_SEED repeats one case, NVMF_HOSTILE_CASES sets their number,
/// NVMF_HOSTILE_FROM the first seed (random otherwise).
/// </summary>
public class HostileClientTests(ITestOutputHelper output)
{
    private const int MaxFailures = 20;

    [Fact]
    public void A_hundred_thousand_injured_sessions_in_memory() => PlayAll(Number("NVMF_HOSTILE_CASES") ?? 100_000, static () => new MemoryWorld());

    [SkippableTheory]
    [InlineData("never")]
    [InlineData("always")]
    public void Two_thousand_injured_sessions_over_sockets(string zeroCopy)
    {
        Skip.IfNot(TcpTransportFactory.IsSupported, TcpTransportFactory.NotSupportedReason);
        Assert.True(ZeroCopyMode.TryParse(zeroCopy, out ZeroCopyMode mode));
        PlayAll(1_000, () => new SocketWorld(mode));
    }

    [Theory]
    [InlineData("poison")]
    [InlineData("neighbour")]
    [InlineData("no termination request")]
    [InlineData("other reason")]
    [InlineData("other field")]
    [InlineData("other header")]
    [InlineData("success")]
    public void A_target_that_answers_wrongly_is_caught(string lie)
    {
        var run = new HostileRun(new MemoryWorld(), wire => new LyingWire(wire, lie));
        InvalidOperationException failure = Assert.Throws<InvalidOperationException>(() =>
        {
            for (int seed = 0; seed < 1000; seed++)
            {
                run.Play(seed);
            }
        });
        output.WriteLine(failure.Message);
    }

    private void PlayAll(int cases, Func<World> create)
    {
        int from = Number("NVMF_HOSTILE_FROM") ?? Random.Shared.Next(1 << 30);
        if (Number("NVMF_HOSTILE_SEED") is { } only)
        {
            (from, cases) = (only, 1);
        }

        output.WriteLine($"NVMF_HOSTILE_FROM={from}");
        long before = GC.GetTotalMemory(forceFullCollection: true);
        int workers = cases == 1 ? 1 : 2;
        var failures = new ConcurrentQueue<Exception>();
        var counts = new ConcurrentDictionary<string, int>();
        Thread[] threads = [.. Enumerable.Range(0, workers).Select(worker => new Thread(() =>
        {
            var run = new HostileRun(create());
            for (int seed = from + worker; seed < from + cases && failures.Count < MaxFailures; seed += workers)
            {
                try
                {
                    string injury = run.Play(seed);
                    counts.AddOrUpdate(injury, 1, static (_, count) => count + 1);
                }
                catch (InvalidOperationException exception)
                {
                    // That world is in an unknown state.
                    failures.Enqueue(exception);
                    run = new HostileRun(create());
                }
            }

            try
            {
                run.End();
                run.World.Dispose();
            }
            catch (Exception exception)
            {
                failures.Enqueue(exception);
            }
        }))];
        foreach (Thread thread in threads)
        {
            thread.Start();
        }

        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        Assert.True(failures.IsEmpty, string.Join(Environment.NewLine, failures.Select(failure => failure.Message)));

        // 300 bytes kept per case would show.
        Assert.True(GC.GetTotalMemory(forceFullCollection: true) - before < 30 << 20, "Memory has grown.");
        output.WriteLine($"{cases} cases, {counts.Count} injuries of {Injury.All.Length}");
        if (cases > 10_000)
        {
            Assert.Equal(Injury.All.Length, counts.Count);
        }
    }

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out int number) ? number : null;
}
