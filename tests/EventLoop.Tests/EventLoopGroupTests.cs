namespace Nvmf.EventLoop.Tests;

public class EventLoopGroupTests
{
    [Fact]
    public void GivesItsLoopsOutInTurn()
    {
        using var group = new EventLoopGroup(new EventLoopGroupOptions { Count = 3, Name = "turn" });
        EventLoopThread[] first = [group.Next(), group.Next(), group.Next()];
        Assert.Equal(group.Loops, first);
        Assert.Same(first[0], group.Next());
        Assert.Equal(["turn-0", "turn-1", "turn-2"], group.Loops.Select(loop => loop.Name));
    }

    [Fact]
    public void HasAtLeastOneLoopByDefault()
    {
        using var group = new EventLoopGroup();
        Assert.InRange(group.Loops.Count, 1, 16);
    }

    [Fact]
    public async Task PinsItsThreads()
    {
        int processor = AllowedProcessor();
        using var fixture = new LoopFixture(new EventLoopOptions { Processor = processor });
        string allowed = "";
        await fixture.RunAsync(() => allowed = AllowedList("/proc/thread-self/status"));
        Assert.Equal(processor.ToString(System.Globalization.CultureInfo.InvariantCulture), allowed);
    }

    [Fact]
    public async Task AProcessorThatIsNotThereIsNoDisaster()
    {
        using var fixture = new LoopFixture(new EventLoopOptions { Processor = 1000 });
        await fixture.RunAsync(() => { });
    }

    private static int AllowedProcessor() => int.Parse(AllowedList("/proc/self/status").Split(',', '-')[^1], System.Globalization.CultureInfo.InvariantCulture);

    private static string AllowedList(string path) =>
        File.ReadLines(path).Single(line => line.StartsWith("Cpus_allowed_list:", StringComparison.Ordinal)).Split('\t')[1].Trim();
}
