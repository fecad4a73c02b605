using Nvmf.Abstractions.Connections;

namespace Nvmf.Abstractions.Tests.Connections;

public class OutstandingCommandsTests
{
    // An identifier has 16 bits; 10 of them are the slot.
    private const int Generations = (1 << 16) / HostQueuePairOptions.MaxQueueSize;

    [Fact]
    public void Every_outstanding_command_is_found_by_an_identifier_of_its_own()
    {
        var outstanding = new OutstandingCommands<object>(HostQueuePairOptions.MaxQueueSize);
        var commands = new Dictionary<ushort, object>();
        while (!outstanding.IsFull)
        {
            object command = new();
            commands.Add(outstanding.Add(command), command);
        }

        Assert.Equal(HostQueuePairOptions.MaxQueueSize, commands.Count);
        Assert.All(commands, pair => Assert.Same(pair.Value, outstanding.Find(pair.Key)));
        Assert.Throws<InvalidOperationException>(() => outstanding.Add(new object()));
    }

    [Fact]
    public void An_identifier_finds_nothing_before_its_command_and_after_it()
    {
        var outstanding = new OutstandingCommands<object>(1);
        Assert.Null(outstanding.Find(0));
        Assert.Null(outstanding.FirstOrDefault());
        ushort first = outstanding.Add(this);
        Assert.Same(this, outstanding.FirstOrDefault());
        outstanding.Remove(first);
        Assert.Null(outstanding.Find(first));
        Assert.Null(outstanding.FirstOrDefault());

        // The slot is used again: a late answer to its last command must not find the new one.
        for (int use = 1; use < Generations; use++)
        {
            ushort later = outstanding.Add(new object());
            Assert.NotNull(outstanding.Find(later));
            Assert.Null(outstanding.Find(first));
            outstanding.Remove(later);
        }
    }

    [Fact]
    public void An_identifier_beyond_the_slots_finds_nothing()
    {
        var outstanding = new OutstandingCommands<object>(2);
        outstanding.Add(new object());
        outstanding.Add(new object());
        int found = 0;
        for (int id = 0; id <= ushort.MaxValue; id++)
        {
            found += outstanding.Find((ushort)id) is null ? 0 : 1;
        }

        Assert.Equal(2, found);
    }

    [Fact]
    public void The_identifier_that_stands_for_no_command_is_passed_over()
    {
        var outstanding = new OutstandingCommands<object>(HostQueuePairOptions.MaxQueueSize);
        for (int i = 1; i < HostQueuePairOptions.MaxQueueSize; i++)
        {
            outstanding.Add(new object());
        }

        // Only the last slot is left, the one whose identifiers end in ones.
        var used = new HashSet<ushort>();
        for (int use = 0; use < 2 * Generations; use++)
        {
            object command = new();
            ushort id = outstanding.Add(command);
            Assert.Same(command, outstanding.Find(id));
            used.Add(id);
            outstanding.Remove(id);
        }

        Assert.Equal(Generations - 1, used.Count);
        Assert.DoesNotContain((ushort)0xFFFF, used);
    }

    [Fact]
    public void A_command_is_removed_once()
    {
        var outstanding = new OutstandingCommands<object>(2);
        ushort id = outstanding.Add(this);
        outstanding.Remove(id);
        Assert.Throws<InvalidOperationException>(() => outstanding.Remove(id));
        outstanding.Add(this);
        Assert.False(outstanding.IsFull);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(HostQueuePairOptions.MaxQueueSize + 1)]
    public void A_capacity_that_identifiers_cannot_tell_apart_is_refused(int capacity) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new OutstandingCommands<object>(capacity));

    [Fact]
    public void Using_it_allocates_nothing()
    {
        var outstanding = new OutstandingCommands<object>(4);
        Use();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            Use();
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void Use()
        {
            ushort id = outstanding.Add(this);
            Assert.Same(this, outstanding.Find(id));
            outstanding.Remove(id);
        }
    }
}
