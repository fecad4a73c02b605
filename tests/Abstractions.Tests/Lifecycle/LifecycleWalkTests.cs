using Nvmf.Abstractions.Lifecycle;
using Xunit.Abstractions;
using static Nvmf.Abstractions.Tests.Lifecycle.JointState;

namespace Nvmf.Abstractions.Tests.Lifecycle;

/// <summary>All reachable joint states, not a sample: invariants I2, I3, I4 and I8 over <see cref="QueuePairWord.Next"/>.</summary>
public sealed class LifecycleWalkTests(ITestOutputHelper output)
{
    private static readonly Field[] SendSide =
    [
        Field.Command0, Field.Command1, Field.Transmission0, Field.Transmission1, Field.Event0, Field.Event1,
        Field.Closer0, Field.Closer1, Field.Aborter, Field.DrainingWork,
    ];

    private static readonly Field[] AllKinds =
    [
        Field.Command0, Field.Transmission0, Field.PostedReceive, Field.Event0, Field.Registration,
        Field.Closer0, Field.Aborter, Field.DrainingWork, Field.AbortingWork, Field.AbandonedWork,
    ];

    private static readonly Field[] Few = [Field.Command0, Field.Transmission0, Field.Event0, Field.Closer0, Field.Aborter, Field.DrainingWork];

    public static TheoryData<string> Mistakes => [.. BrokenNext.All.Keys];

    [Fact]
    public void Two_commands_two_transmissions_two_events_two_closers_an_aborter_and_the_deadlines() => WalkWithoutViolation(SendSide);

    [Fact]
    public void One_actor_of_each_kind_and_a_transport_that_works_in_its_callbacks() => WalkWithoutViolation(AllKinds);

    [Fact]
    public void Without_a_mistake_the_few_actors_of_the_negative_controls_break_nothing() => WalkWithoutViolation(Few);

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_mistake_is_seen(string mistake)
    {
        (LifecycleWalker.NextFunction next, string violation) = BrokenNext.All[mistake];
        var walker = new LifecycleWalker(next, Few);
        walker.Walk();
        output.WriteLine($"{walker.States} states{Environment.NewLine}{string.Join(Environment.NewLine, walker.Violations)}");
        Assert.Contains(violation, walker.Violations.Keys);
    }

    private void WalkWithoutViolation(Field[] actors)
    {
        var walker = new LifecycleWalker(QueuePairWord.Next, actors);
        walker.Walk();
        output.WriteLine($"{walker.States:N0} joint states, {walker.Steps:N0} steps");
        Assert.Empty(walker.Violations);
    }
}
