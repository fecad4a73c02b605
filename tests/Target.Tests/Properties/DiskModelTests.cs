using FsCheck;
using FsCheck.Fluent;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Tests.Seam;
using Nvmf.Target.Tests.Support;

namespace Nvmf.Target.Tests.Properties;

/// <summary>
/// Random commands on several queues of several loops, against an array of bytes. Each queue has an area of its own; in it the commands of one round run at once, on ranges that do not
/// overlap, over a back end that answers in any order. FsCheck prints the seed of a failure and shrinks it.
/// </summary>
public class DiskModelTests
{
    private const int Queues = 4;
    private const int AreaBlocks = 256;
    private const int Slots = 8;
    private const int SlotBlocks = AreaBlocks / Slots;

    public enum Kind
    {
        Write,
        WriteInCapsule,
        Read,
        Compare,
        CompareOther,
        WriteZeroes,
        Deallocate,
        CopyIntoSlot,
        Verify,
        Flush,
    }

    public sealed record Operation(Kind Kind, int Offset, int Blocks, byte Fill);

    [Theory]
    [InlineData(512)]
    [InlineData(4096)]
    public void A_namespace_is_an_array_of_blocks(int blockSize)
    {
        Gen<Operation> operation =
            from kind in Gen.Elements(Enum.GetValues<Kind>())
            from offset in Gen.Choose(0, SlotBlocks - 1)
            from blocks in Gen.Choose(1, SlotBlocks - offset)
            from fill in Gen.Choose(1, 255)
            select new Operation(kind, offset, blocks, (byte)fill);
        Arbitrary<Operation[]> operations = Gen.ArrayOf(operation, 96).ToArbitrary();
        Prop.ForAll(operations, script => RunAsync(script, blockSize).GetAwaiter().GetResult())
            .Check(Config.QuickThrowOnFailure.WithMaxTest(15));
    }

    private static async Task RunAsync(Operation[] script, int blockSize)
    {
        await using var target = new TestTarget(options => options.ChunkSize = 8192);
        target.Subsystem.AddNamespace(new NamespaceOptions(), new ShufflingBackend((long)Queues * AreaBlocks * blockSize, blockSize, script.Length));
        FakeLoop second = target.AddLoop();
        TestHost host = await target.ConnectAsync();
        Task[] workers = [.. Enumerable.Range(0, Queues).Select(async index =>
        {
            FakeQueuePair io = await host.ConnectIoAsync((ushort)(index + 1), loop: index % 2 == 0 ? target.Loop : second);
            await new Worker(host, io, index, blockSize).RunAsync(script);
        })];
        await Task.WhenAll(workers);
    }

    private sealed class Worker(TestHost host, FakeQueuePair io, int index, int blockSize)
    {
        private readonly byte[] _model = new byte[AreaBlocks * blockSize];

        public async Task RunAsync(Operation[] script)
        {
            // Every worker has its own order, and each round one operation per slot of its area.
            Operation[] own = [.. script.Skip(index * 7).Concat(script.Take(index * 7))];
            foreach (Operation[] round in own.Chunk(Slots))
            {
                await Task.WhenAll(round.Select(ExecuteAsync));
            }

            Answer all = await host.IoAsync(io, Commands.Read(Lba(0), AreaBlocks, blockSize));
            Assert.Equal(_model, all.Data);
        }

        private async Task ExecuteAsync(Operation operation, int slot)
        {
            int first = slot * SlotBlocks + operation.Offset;
            Memory<byte> range = _model.AsMemory(first * blockSize, operation.Blocks * blockSize);
            byte[] data = Fill(operation, range.Length);
            switch (operation.Kind)
            {
                case Kind.Write or Kind.WriteInCapsule:
                    await SucceedAsync(Commands.Write(Lba(first), data, blockSize, inCapsule: operation.Kind == Kind.WriteInCapsule));
                    data.CopyTo(range);
                    break;
                case Kind.Read:
                    Assert.Equal(range.ToArray(), (await SucceedAsync(Commands.Read(Lba(first), (uint)operation.Blocks, blockSize))).Data);
                    break;
                case Kind.Compare:
                    await SucceedAsync(Commands.Compare(Lba(first), range.ToArray(), blockSize, inCapsule: operation.Fill % 2 == 0));
                    break;
                case Kind.CompareOther:
                    byte[] other = range.ToArray();
                    other[operation.Fill * (other.Length - 1) / 255] ^= operation.Fill;
                    Assert.Equal(NvmeStatus.CompareFailure, (await host.IoAsync(io, Commands.Compare(Lba(first), other, blockSize))).Code);
                    break;
                case Kind.WriteZeroes:
                    await SucceedAsync(new HostRequest(Commands.InputOutput(InputOutputOpcode.WriteZeroes, Lba(first), (uint)operation.Blocks)));
                    range.Span.Clear();
                    break;
                case Kind.Deallocate:
                    await SucceedAsync(Commands.DatasetManagement((Lba(first), (uint)operation.Blocks)));
                    range.Span.Clear();
                    break;
                case Kind.CopyIntoSlot:
                    await CopyAsync(operation, slot);
                    break;
                case Kind.Verify:
                    await SucceedAsync(new HostRequest(Commands.InputOutput(InputOutputOpcode.Verify, Lba(first), (uint)operation.Blocks)));
                    break;
                case Kind.Flush:
                    await SucceedAsync(Commands.Flush());
                    break;
            }
        }

        // The first half of the slot into the second, in two ranges that change places.
        private async Task CopyAsync(Operation operation, int slot)
        {
            int blocks = operation.Blocks % (SlotBlocks / 4) + 1;
            int low = slot * SlotBlocks;
            int high = low + SlotBlocks / 4;
            int destination = low + SlotBlocks / 2;
            await SucceedAsync(Commands.Copy(Lba(destination), (Lba(high), (uint)blocks), (Lba(low), (uint)blocks)));
            int length = blocks * blockSize;
            _model.AsSpan(high * blockSize, length).CopyTo(_model.AsSpan(destination * blockSize));
            _model.AsSpan(low * blockSize, length).CopyTo(_model.AsSpan((destination * blockSize) + length));
        }

        private static byte[] Fill(Operation operation, int length)
        {
            byte[] data = new byte[length];
            for (int i = 0; i < length; i++)
            {
                data[i] = (byte)(operation.Fill + i + (i >> 8));
            }

            return data;
        }

        private ulong Lba(int block) => (ulong)(index * AreaBlocks + block);

        private async Task<Answer> SucceedAsync(HostRequest request)
        {
            Answer answer = await host.IoAsync(io, request);
            Assert.Equal(NvmeStatus.Success, answer.Status);
            return answer;
        }
    }
}
