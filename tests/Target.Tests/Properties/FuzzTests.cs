using System.Runtime.InteropServices;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Target.Tests.Seam;
using Nvmf.Target.Tests.Support;
using Xunit.Abstractions;

namespace Nvmf.Target.Tests.Properties;

/// <summary>
/// Random submission queue entries, every field of them: each gets exactly one completion (the fake checks that, and CID, SQID and SQHD), nothing throws and nothing leaks
/// (the target's dispose checks that).
/// </summary>
public class FuzzTests(ITestOutputHelper output)
{
    private const int Batch = 16;

    private static readonly uint[] Lengths = [0, 0, 1, 4, 8, 16, 500, 512, 1024, 4096, 4096, 8192, 65536, 1 << 20, (1 << 20) + 512, uint.MaxValue];

    private static readonly byte[] AdminOpcodes = [0x02, 0x06, 0x08, 0x09, 0x0A, 0x0C, 0x18, 0x38, 0x7F];

    private static readonly byte[] InputOutputOpcodes = [0x00, 0x01, 0x02, 0x05, 0x08, 0x09, 0x0C, 0x19, 0x7F];

    [Fact]
    public async Task Any_command_on_an_admin_queue_gets_one_completion() => await RunAsync(5_000, io: false, TestTarget.SubsystemNqn);

    [Fact]
    public async Task Any_command_on_a_discovery_queue_gets_one_completion() => await RunAsync(2_000, io: false, Nqn.Discovery);

    [Fact]
    public async Task Any_command_on_an_io_queue_gets_one_completion() => await RunAsync(6_000, io: true, TestTarget.SubsystemNqn);

    [Fact]
    public async Task Any_command_on_an_unconnected_queue_gets_one_completion()
    {
        Random random = Seeded();
        await using var target = new TestTarget();
        for (int i = 0; i < 1_000; i += Batch)
        {
            FakeQueuePair queue = target.Open();
            for (int j = 0; j < Batch && queue.Parameters == null; j++)
            {
                HostRequest request = Next(random, (ushort)j, io: false);
                if (random.Next(2) == 0)
                {
                    request = MutatedConnect(random, (ushort)j);
                }

                Answer answer = await queue.Send(request).AnswerAsync();
                Assert.True(answer.Ending == AnswerEnding.Completed);
            }

            queue.Close(TeardownCause.HostClosed);
            await queue.Closed;
        }
    }

    private async Task RunAsync(int cases, bool io, string nqn)
    {
        Random random = Seeded();
        await using var target = new TestTarget(poolLimit: 32 << 20);
        target.AddMemory(1 << 20);
        target.AddMemory(1 << 20, 4096, id: 7);
        target.Subsystem.AddNamespace(new NamespaceOptions { ReadOnly = true }, new GatedBackend());
        TestHost host = await target.ConnectAsync(nqn, keepAlive: 0);
        FakeQueuePair queue = io ? await host.ConnectIoAsync(2) : host.Admin;
        for (int i = 0; i < cases; i += Batch)
        {
            HostRequest[] requests = [.. Enumerable.Range(0, Batch).Select(j => Next(random, (ushort)(0x1000 + j), io))];
            foreach (HostRequest request in requests)
            {
                queue.Send(request);
            }

            if (io)
            {
                // By chance the last is a fused Compare, which waits for the command behind it.
                queue.Send(Commands.Flush());
            }

            await AnswerAllAsync(host, requests, queue);
            if (!io && (await host.GetStatusAsync() != 1 || queue.Lifecycle.State != QueuePairState.Live))
            {
                // A Property Set among them: begin again.
                await host.CloseAsync();
                host = await target.ConnectAsync(nqn, keepAlive: 0);
                queue = host.Admin;
            }
        }
    }

    private static async Task AnswerAllAsync(TestHost host, HostRequest[] requests, FakeQueuePair queue)
    {
        await queue.Loop.SettleAsync();
        foreach (HostRequest request in requests)
        {
            if (request.Entry.Opcode == (byte)AdminOpcode.AsynchronousEventRequest && queue == host.Admin && !request.IsAnswered)
            {
                await host.AdminAsync(Commands.Abort(0, request.Entry.CommandId));
            }

            Answer answer = await request.AnswerAsync();
            Assert.Equal(AnswerEnding.Completed, answer.Ending);
            Assert.NotEqual(NvmeStatus.InternalError, answer.Code);
            if (!answer.Status.IsSuccess)
            {
                Assert.Empty(answer.Data);
            }
        }
    }

    private static HostRequest Next(Random random, ushort commandId, bool io)
    {
        var entry = default(SubmissionQueueEntry);
        Span<byte> bytes = MemoryMarshal.AsBytes(new Span<SubmissionQueueEntry>(ref entry));
        random.NextBytes(bytes);

        // Mostly near to something sensible, field by field: what is far off is refused at the first check.
        for (int offset = 8; offset < bytes.Length; offset += 4)
        {
            if (random.Next(4) != 0)
            {
                BitConverter.TryWriteBytes(bytes[offset..], (uint)(random.Next(3) == 0 ? random.Next(0x10000) : random.Next(8)));
            }
        }

        if (random.Next(16) != 0)
        {
            entry.Opcode = random.GetItems(io ? InputOutputOpcodes : AdminOpcodes, 1)[0];
        }

        if (io && random.Next(4) != 0)
        {
            entry.Dword11 = 0;
        }

        if (random.Next(16) != 0)
        {
            entry.Flags = SubmissionQueueEntryExtensions.SglFlags;
        }

        entry.NamespaceId = random.GetItems<uint>([0, 1, 1, 1, 2, 7, 8, 0xFFFF_FFFF, 0xFFFF_FFFE, (uint)random.Next()], 1)[0];
        entry.CommandId = commandId;
        uint length = random.Next(2) == 0 ? SensibleLength(entry) : random.GetItems(Lengths, 1)[0];
        bool inCapsule = length <= 8192 && random.Next(2) == 0;
        return new HostRequest(entry)
        {
            DataLength = length,
            HostData = length <= 1 << 21 ? RandomData(random, length) : null,
            InCapsule = inCapsule && length != 0,
            TransferStatus = random.Next(32) == 0 ? NvmeStatus.TransientTransportError : NvmeStatus.Success,
            TransportStatus = random.Next(32) == 0 ? NvmeStatus.SglDescriptorTypeInvalid : NvmeStatus.Success,
        };
    }

    private static uint SensibleLength(in SubmissionQueueEntry entry) => entry.Opcode switch
    {
        0x02 or 0x01 or 0x05 when entry.Dword12 < 64 => ((entry.Dword12 & 0xFFFF) + 1) * (entry.NamespaceId == 7 ? 4096u : 512),
        0x02 => ((entry.Dword10 >> 16) + 1) * 4,
        0x06 => 4096,
        0x09 => ((entry.Dword10 & 0xFF) + 1) * 16,
        0x19 => ((entry.Dword12 & 0xFF) + 1) * 32,
        _ => 0,
    };

    // Small numbers: ranges that lie within the namespace now and then.
    private static byte[] RandomData(Random random, uint length)
    {
        var data = new byte[length];
        for (int i = 0; i + 4 <= data.Length; i += 4)
        {
            if (random.Next(2) == 0)
            {
                BitConverter.TryWriteBytes(data.AsSpan(i), random.Next(16));
            }
        }

        return data;
    }

    private static HostRequest MutatedConnect(Random random, ushort commandId)
    {
        SubmissionQueueEntry entry = Commands.Connect((ushort)random.Next(2));
        entry.CommandId = commandId;
        ConnectData data = Commands.ConnectData(random.Next(2) == 0 ? TestTarget.SubsystemNqn : Nqn.Discovery, random.Next(2) == 0 ? (ushort)0xFFFF : (ushort)random.Next(3));
        byte[] bytes = WireStructure.AsBytes(in data).ToArray();
        for (int i = random.Next(3); i > 0; i--)
        {
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        }

        for (int i = random.Next(3); i > 0; i--)
        {
            MemoryMarshal.AsBytes(new Span<SubmissionQueueEntry>(ref entry))[random.Next(40, 64)] = (byte)random.Next(256);
        }

        return new HostRequest(entry) { HostData = bytes, InCapsule = random.Next(2) == 0 };
    }

    private Random Seeded()
    {
        int seed = Environment.GetEnvironmentVariable("NVMF_TEST_SEED") is { } text ? int.Parse(text, System.Globalization.CultureInfo.InvariantCulture) : Random.Shared.Next();
        output.WriteLine($"NVMF_TEST_SEED={seed}");
        return new Random(seed);
    }
}
