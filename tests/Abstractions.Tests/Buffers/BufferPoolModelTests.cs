using FsCheck;
using FsCheck.Fluent;
using Xunit.Abstractions;

namespace Nvmf.Abstractions.Tests.Buffers;

/// <summary>Random sequences of calls against a simple model, shrunk when they fail. The message of a failure names the seed.</summary>
public sealed class BufferPoolModelTests(ITestOutputHelper output)
{
    private static readonly int[] Lengths = [1, 4096, 5000, 16384, 65536, 100_000, 131072, 262144, 300_000, 1 << 20];

    [Theory]
    [InlineData(6 << 20, 2 << 20, 150)]
    [InlineData((3 << 20) + 20480, 500_000, 200)]
    [InlineData(4 << 20, 0, 75)]
    public void The_pool_behaves_like_its_model(long limit, long reserve, int cases)
    {
        Gen<BufferPoolModel.Step> step =
            from action in Gen.Frequency(
                (4, Gen.Constant(BufferPoolModel.Action.Rent)),
                (4, Gen.Constant(BufferPoolModel.Action.RentOrWait)),
                (2, Gen.Constant(BufferPoolModel.Action.Retain)),
                (7, Gen.Constant(BufferPoolModel.Action.Release)),
                (1, Gen.Constant(BufferPoolModel.Action.CancelWait)),
                (1, Gen.Constant(BufferPoolModel.Action.UseStale)))
            from length in Gen.Elements(Lengths)
            from administration in Gen.Frequency((3, Gen.Constant(false)), (1, Gen.Constant(true)))
            from pick in Gen.Choose(0, 1000)
            select new BufferPoolModel.Step(action, length, administration, pick);
        Arbitrary<List<BufferPoolModel.Step>> steps = step.ListOf(120).Select(list => list.ToList()).ToArbitrary();

        int waits = 0, recuts = 0;
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(cases),
            Prop.ForAll(steps, list =>
            {
                using var model = new BufferPoolModel(limit, reserve);
                list.ForEach(model.Run);
                model.ReleaseAll();
                waits += model.Waits;
                recuts += model.Recuts;
            }));
        output.WriteLine($"{waits} waits, {recuts} slabs cut anew");
        Assert.True(waits > 100 && recuts > 10, "The cases must reach the limit to mean anything.");
    }
}
