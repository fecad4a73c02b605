using FsCheck;
using FsCheck.Fluent;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Namespaces;
using Nvmf.Testing;

namespace Nvmf.Target.Tests.Namespaces;

/// <summary>Random requests against an array, for every kind of back end. The message of a failure names the seed.</summary>
public sealed class BackendModelTests
{
    // Crosses the end of a chunk (2 MiB) and many units (16 KiB), and does not end with either.
    private const int Size = (2 << 20) + (5 << 14) + 4096;

    public static TheoryData<string, int> Kinds() => BackendFactory.Kinds();

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Behaves_like_an_array(string kind, int blockSize)
    {
        int blocks = Size / blockSize;
        Gen<Step> step =
            from operation in Gen.Frequency(
                (6, Gen.Constant(BackendOperation.Write)),
                (6, Gen.Constant(BackendOperation.Read)),
                (2, Gen.Constant(BackendOperation.WriteZeroes)),
                (2, Gen.Constant(BackendOperation.Deallocate)),
                (1, Gen.Constant(BackendOperation.Flush)))
            from size in Gen.Frequency((6, Gen.Choose(0, 9)), (3, Gen.Choose(10, 70)), (1, Gen.Choose(70, blocks)))
            from position in Gen.Frequency((1, Gen.Constant(0)), (6, Gen.Choose(0, blocks)), (2, Gen.Constant(blocks)))
            from flag in Gen.Elements(true, false)
            from seed in Gen.Choose(0, int.MaxValue)
            select new Step(operation, Math.Min(position, blocks - size), size, flag, seed);

        using var factory = new BackendFactory();
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(12),
            Prop.ForAll(step.ListOf(60).Select(list => list.ToList()).ToArbitrary(), steps =>
            {
                using var pool = new PoisonedPool();
                NamespaceBackend backend = factory.Create(kind, Size, blockSize);
                byte[] model = new byte[blocks * blockSize];
                foreach (Step next in steps)
                {
                    Run(next, backend, pool, model);
                }

                Assert.Equal(model, backend.Read(pool, 0, 64).Concat(ReadAll(backend, pool, 64)).ToArray());
                backend.DisposeAsync().AsTask().GetAwaiter().GetResult();
            }));
    }

    private static List<byte> ReadAll(NamespaceBackend backend, PoisonedPool pool, ulong start)
    {
        List<byte> all = [];
        for (ulong block = start; block < backend.BlockCount; block += 64)
        {
            all.AddRange(backend.Read(pool, block, (int)Math.Min(64, backend.BlockCount - block)));
        }

        return all;
    }

    private static void Run(Step step, NamespaceBackend backend, PoisonedPool pool, byte[] model)
    {
        int blocks = step.Operation is BackendOperation.Read or BackendOperation.Write ? Math.Min(step.Count, 70) : step.Count;
        Span<byte> range = model.AsSpan(step.Start * backend.BlockSize, blocks * backend.BlockSize);
        ulong start = (ulong)step.Start;
        switch (step.Operation)
        {
            case BackendOperation.Write when blocks > 0:
                new Random(step.Seed).NextBytes(range);
                Assert.Equal(NvmeStatus.Success, backend.Write(pool, start, range, step.Flag));
                break;
            case BackendOperation.Read when blocks > 0:
                Assert.Equal(range.ToArray(), backend.Read(pool, start, blocks));
                break;
            case BackendOperation.WriteZeroes:
                Assert.Equal(NvmeStatus.Success, backend.WriteZeroes(start, (ulong)blocks, deallocate: step.Flag, durable: step.Seed % 3 == 0));
                range.Clear();
                break;
            case BackendOperation.Deallocate:
                Assert.Equal(NvmeStatus.Success, backend.Deallocate(start, (ulong)blocks));
                AfterDeallocation(backend, pool, start, range);
                break;
            case BackendOperation.Flush:
                Assert.Equal(NvmeStatus.Success, backend.Flush());
                break;
        }
    }

    // A hint: each block is zero now, or as it was; zero for certain where the back end says so.
    private static void AfterDeallocation(NamespaceBackend backend, PoisonedPool pool, ulong start, Span<byte> range)
    {
        byte[] zero = new byte[backend.BlockSize];
        while (!range.IsEmpty)
        {
            int blocks = Math.Min(range.Length / backend.BlockSize, 64);
            byte[] now = backend.Read(pool, start, blocks);
            for (int offset = 0; offset < now.Length; offset += backend.BlockSize)
            {
                Span<byte> block = now.AsSpan(offset, backend.BlockSize);
                bool unchanged = !backend.DeallocatedBlocksReadZeroes && block.SequenceEqual(range.Slice(offset, backend.BlockSize));
                Assert.True(unchanged || block.SequenceEqual(zero), "other data after deallocation");
            }

            now.CopyTo(range);
            range = range[now.Length..];
            start += (ulong)blocks;
        }
    }

    public sealed record Step(BackendOperation Operation, int Start, int Count, bool Flag, int Seed);
}
