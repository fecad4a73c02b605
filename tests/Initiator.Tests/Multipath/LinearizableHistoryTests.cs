using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.FSharp.Core;
using Nvmf.Initiator.Tests.Multipath.Fakes;
using Xunit.Abstractions;

namespace Nvmf.Initiator.Tests.Multipath;

/// <summary>
/// The judge of <see cref="LinearizableTests"/> by itself: it accepts every history of a block that really behaves, and none with one read of a value that was
/// overwritten before. NVMF_HISTORY_SEED (the number in the output) repeats a run.
/// </summary>
public sealed class LinearizableHistoryTests(ITestOutputHelper output)
{
    // Moments between two operations take effect; writes do not reach their neighbours, as in LinearizableTests.
    private const int Distance = 10;

    private static readonly Gen<Step> Steps =
        from isWrite in Gen.Elements(true, false)
        from fails in Gen.Frequency((5, Gen.Constant(false)), (1, Gen.Constant(true)))
        from before in Gen.Choose(0, 4)
        from after in Gen.Choose(0, 4)
        from reach in Gen.Choose(1, 6)
        select new Step(isWrite, isWrite && fails, before * (isWrite ? 1 : reach), after * (isWrite ? 1 : reach));

    private static readonly Arbitrary<Step[]> Histories = Arb.From(Steps.ListOf(30).Select(list => list.ToArray()));

    [Fact]
    public void What_a_block_really_did_is_explained() => Check(steps => Play(steps, out _).Explain() is null);

    [Fact]
    public void A_read_of_a_value_that_was_overwritten_is_not() => Check(steps =>
    {
        var block = Play(steps, out var acknowledged);
        if (acknowledged.Count < 2)
        {
            return true;
        }

        // Began and ended behind everything else.
        long late = (steps.Length + 10) * Distance;
        block.Read(acknowledged[^2], late, late + 1);
        return block.Explain() is not null;
    });

    /// <summary>A block that takes each operation at one moment, in order.</summary>
    private static LinearizableBlock Play(Step[] steps, out List<long> acknowledged)
    {
        var block = new LinearizableBlock();
        acknowledged = [];
        long content = 0;
        for (var i = 0; i < steps.Length; i++)
        {
            long moment = (i + 10) * Distance;
            if (!steps[i].IsWrite)
            {
                block.Read(content, moment - steps[i].Before, moment + steps[i].After);
                continue;
            }

            content = i + 1;
            block.Wrote(content, moment - steps[i].Before, steps[i].Fails ? null : moment + steps[i].After);
            if (!steps[i].Fails)
            {
                acknowledged.Add(content);
            }
        }

        return block;
    }

    private void Check(Func<Step[], bool> property)
    {
        var seed = ulong.TryParse(Environment.GetEnvironmentVariable("NVMF_HISTORY_SEED"), CultureInfo.InvariantCulture, out var wanted)
            ? wanted
            : (ulong)Random.Shared.NextInt64();
        output.WriteLine($"NVMF_HISTORY_SEED={seed}");
        var config = Config.QuickThrowOnFailure.WithMaxTest(2_000).WithReplay(FSharpOption<Replay>.Some(new Replay(new Rnd(seed, 1), FSharpOption<int>.None)));
        FsCheck.Check.One(config, Prop.ForAll(Histories, property));
    }

    /// <summary>One operation: how long before and after its moment it was asked for and ended.</summary>
    private sealed record Step(bool IsWrite, bool Fails, int Before, int After);
}
