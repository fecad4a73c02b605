using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Namespaces;
using Nvmf.Testing;
using Xunit.Abstractions;

namespace Nvmf.Target.Tests.Namespaces;

/// <summary>
/// Several threads write, zero and read overlapping ranges of a small disk. Every written block is filled with one number: a block of more
/// than one is torn.
/// </summary>
public sealed class BackendConcurrencyTests(ITestOutputHelper output)
{
    private const int Threads = 4;
    private const int Blocks = 96;

    public static TheoryData<string, int> Kinds() => BackendFactory.Kinds();

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task No_block_is_ever_torn(string kind, int blockSize)
    {
        int seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        using var factory = new BackendFactory();
        using var pool = new PoisonedPool();
        await using NamespaceBackend backend = factory.Create(kind, Blocks * blockSize, blockSize);
        int requests = kind == "memory" ? 10_000 : 1_000;

        Task[] tasks = [.. Enumerable.Range(0, Threads).Select(thread => Task.Factory.StartNew(
            () => Hammer(backend, pool, requests, new Random(seed + thread), thread), TaskCreationOptions.LongRunning))];
        await Task.WhenAll(tasks).WaitAsync(TimeSpan.FromSeconds(60));

        AssertWhole(backend.Read(pool, 0, Blocks / 2), blockSize);
        AssertWhole(backend.Read(pool, Blocks / 2, Blocks / 2), blockSize);
        Assert.Equal(0, TestRequest.Surplus);
    }

    private static void Hammer(NamespaceBackend backend, BufferPool pool, int requests, Random random, int thread)
    {
        var request = new TestRequest();
        for (int i = 1; i <= requests; i++)
        {
            int count = random.Next(1, 40);
            ulong start = (ulong)random.Next(0, Blocks - count + 1);
            BufferLease data = default;
            switch (random.Next(10))
            {
                case < 4:
                    data = pool.Rent(count * backend.BlockSize);
                    Stamp(data.Span, ((ulong)thread << 32) | (uint)i);
                    request.Set(BackendOperation.Write, start, (ulong)count, data, durable: i % 100 == 0);
                    break;
                case < 8:
                    data = pool.Rent(count * backend.BlockSize);
                    request.Set(BackendOperation.Read, start, (ulong)count, data);
                    break;
                case 8:
                    request.Set(BackendOperation.WriteZeroes, start, (ulong)count);
                    break;
                default:
                    request.Set(BackendOperation.Deallocate, start, (ulong)count);
                    break;
            }

            try
            {
                Assert.Equal(NvmeStatus.Success, request.Run(backend));
                if (request.Operation == BackendOperation.Read)
                {
                    AssertWhole(data.Span, backend.BlockSize);
                }
            }
            finally
            {
                data.Release();
            }
        }
    }

    private static void Stamp(Span<byte> data, ulong stamp)
    {
        for (int i = 0; i < data.Length; i += sizeof(ulong))
        {
            BinaryPrimitives.WriteUInt64LittleEndian(data[i..], stamp);
        }
    }

    private static void AssertWhole(ReadOnlySpan<byte> data, int blockSize)
    {
        for (int offset = 0; offset < data.Length; offset += blockSize)
        {
            ReadOnlySpan<ulong> block = MemoryMarshal.Cast<byte, ulong>(data.Slice(offset, blockSize));
            int different = block.IndexOfAnyExcept(block[0]);
            Assert.True(different < 0, $"torn block: {block[0]:X} up to {different * 8}, then {(different < 0 ? 0 : block[different]):X}");
        }
    }
}
