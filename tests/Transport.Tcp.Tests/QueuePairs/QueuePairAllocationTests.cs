using Microsoft.Extensions.Logging.Abstractions;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Testing;
using Nvmf.Transport.Tcp.Pdu;
using Nvmf.Transport.Tcp.QueuePairs;

namespace Nvmf.Transport.Tcp.Tests.QueuePairs;

/// <summary>In steady state a command allocates nothing, at either end, with and without digests.</summary>
public class QueuePairAllocationTests
{
    private const int Batch = 32;

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void The_controller_allocates_nothing_per_command(byte digests)
    {
        using var pool = new PoisonedPool(16 << 20);
        NullConnection connection = Connect(pool, digests, out PduFraming framing);
        byte[] batch =
        [
            .. Enumerable.Range(0, Batch).SelectMany(i => i % 2 == 0
                ? Wire.CapsuleCmd(Wire.Entry(Wire.Read, (ushort)i, 0x5A, 4096), default, framing)
                : Wire.CapsuleCmd(Wire.Entry(Wire.Write, (ushort)i, 0x01, 4096), new byte[4096], framing)),
        ];
        AssertNoAllocation(() => connection.Receive(batch));
        connection.Lifecycle.BeginTeardown(TeardownCause.LocalClose);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void Data_from_the_host_allocates_nothing(byte digests)
    {
        using var pool = new PoisonedPool(16 << 20);
        NullConnection connection = Connect(pool, digests, out PduFraming framing);
        byte[] command = Wire.CapsuleCmd(Wire.Entry(Wire.Write, 5, 0x5A, 65536), default, framing);
        byte[] data = Wire.H2CData(5, 0, 0, new byte[65536], framing: framing);
        AssertNoAllocation(() =>
        {
            connection.Receive(command);
            BitConverter.TryWriteBytes(data.AsSpan(10), connection.LastTransferTag);
            if (framing.HeaderDigest)
            {
                Wire.SealHeader(data);
            }

            connection.Receive(data);
        });
        connection.Lifecycle.BeginTeardown(TeardownCause.LocalClose);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void The_host_allocates_nothing_per_command(byte digests)
    {
        using var pool = new PoisonedPool(16 << 20);
        var connection = new NullConnection();
        var host = new TcpHostQueuePair(
            connection.Context,
            connection,
            new HostQueuePairOptions { QueueSize = Batch, HeaderDigest = digests != 0, DataDigest = digests != 0 },
            NullLogger.Instance);
        host.Start();
        connection.Receive(Wire.ICResp(digests));
        host.InCapsuleDataSize = 8192;
        Assert.True(pool.Pool.TryRent(4096, BufferPriority.InputOutput, out BufferLease data));
        var framing = new PduFraming(digests != 0, digests != 0, 4);
        var commands = new Repeater[Batch];
        byte[][] responses = new byte[Batch][];
        for (int i = 0; i < Batch; i++)
        {
            bool read = i % 2 == 0;
            commands[i] = new Repeater
            {
                Data = data,
                Direction = read ? DataDirection.ControllerToHost : DataDirection.HostToController,
                Entry = new SubmissionQueueEntry { Opcode = read ? Wire.Read : Wire.Write },
            };
            responses[i] = read
                ? [.. Wire.C2HData(0, 0, new byte[4096], framing: framing), .. Wire.CapsuleResp(0, framing: framing)]
                : Wire.CapsuleResp(0, framing: framing);
        }

        AssertNoAllocation(() =>
        {
            for (int i = 0; i < Batch; i++)
            {
                Assert.True(host.TrySubmit(commands[i]));
                ushort cid = commands[i].Entry.CommandId;
                byte[] response = responses[i];
                int tail = response.Length - (framing.HeaderDigest ? 28 : 24);
                BitConverter.TryWriteBytes(response.AsSpan(tail + 20), cid);
                Seal(response.AsSpan(tail), framing);
                if (tail > 0)
                {
                    BitConverter.TryWriteBytes(response.AsSpan(8), cid);
                    Seal(response, framing);
                }

                connection.Receive(response);
            }
        });
        Assert.All(commands, command => Assert.True(command.Released > 100));
        connection.Lifecycle.BeginTeardown(TeardownCause.LocalClose);
        data.Release();
    }

    private static void Seal(Span<byte> pdu, PduFraming framing)
    {
        if (framing.HeaderDigest)
        {
            BitConverter.TryWriteBytes(pdu[24..], Crc32C.Compute(pdu[..24]));
        }
    }

    private static NullConnection Connect(PoisonedPool pool, byte digests, out PduFraming framing)
    {
        var connection = new NullConnection();
        var settings = new TcpQueuePairSettings(new TcpQueuePairOptions(), pool);
        var queuePair = new TcpQueuePair(
            connection.Context, connection, pool, settings, new PendingConnections(1), NullLogger.Instance, TimeProvider.System);
        queuePair.Start(new DirectHandler(pool));
        framing = new PduFraming(digests != 0, digests != 0, 4);
        connection.Receive(Wire.ICReq(digests));
        connection.Receive(Wire.CapsuleCmd(Wire.ConnectEntry(1, qid: 1), new byte[1024], framing));
        return connection;
    }

    private static void AssertNoAllocation(Action action)
    {
        for (int i = 0; i < 200; i++)
        {
            action();
        }

        // A tiered method or a statistic of the runtime may allocate once; what happens per command happens in every one of the rounds.
        long least = long.MaxValue;
        for (int round = 0; round < 5; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 50; i++)
            {
                action();
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
    }

    private sealed class Repeater : HostCommand
    {
        public int Released { get; private set; }

        public override void OnCompleted(in CompletionQueueEntry completion, Exception? error) => Assert.Null(error);

        public override void OnReleased() => Released++;
    }
}
