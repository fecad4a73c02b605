using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Testing;

namespace Nvmf.Transport.Tcp.Tests.QueuePairs;

public class TcpQueuePairResponseTests
{
    [Fact]
    public void Every_alignment_with_every_digest_and_size()
    {
        using var pool = new BufferPool(new BufferPoolOptions { Poison = true, LimitInBytes = 24 << 20 });
        int[] many = [1, 511, 512, 4096, 16384, 16385, 65536], few = [510, 16385];
        for (byte digests = 0; digests <= 3; digests++)
        {
            for (byte hpda = 0; hpda <= 31; hpda++)
            {
                using var session = new ControllerSession(pool: pool, diskSize: 256 << 10);
                session.Handshake(digests, hpda).Connect();
                new Random(hpda).NextBytes(session.Handler.Disk);
                foreach (int size in hpda is 0 or 1 or 31 ? many : few)
                {
                    // Sent checks digests, padding and lengths.
                    List<Sent> answer = session.Send(Wire.Entry(Wire.Read, 3, 0x5A, (uint)size, lba: 1));
                    Assert.Equal([7, 5], answer.Select(pdu => (int)pdu.Type));
                    Assert.Equal(session.Handler.Disk[512..(512 + size)], answer[0].Data);
                    Assert.Equal((3, 0u, (uint)size), (answer[0].CommandId, answer[0].Offset, answer[0].Length));

                    byte[] data = session.Handler.Disk[size..(2 * size)];
                    bool inCapsule = size <= 16384;
                    answer = session.Send(Wire.Entry(Wire.Write, 4, (byte)(inCapsule ? 1 : 0x5A), (uint)size, lba: 256), inCapsule ? data : []);
                    if (!inCapsule)
                    {
                        answer = session.Feed(Wire.H2CData(4, answer[0].TransferTag, 0, data, framing: session.ToController));
                    }

                    Assert.Equal(0, Assert.Single(answer).Status);
                    Assert.Equal(data, session.Handler.Disk[(256 * 512)..((256 * 512) + size)]);
                }

                session.AssertEndsClean();
            }
        }
    }

    [Theory]
    [InlineData(4, 0, 0, true)]
    [InlineData(0, 0, 0, false)]
    [InlineData(4, 1, 0, false)]
    [InlineData(4, 0, 0x4000, false)]
    public void The_SUCCESS_flag_stands_for_an_entry_without_error_and_result_when_flow_control_is_off(
        byte attributes, uint result, ushort status, bool flag)
    {
        foreach (byte digests in new byte[] { 0, 3 })
        {
            using var session = new ControllerSession();
            session.Handshake(digests).Connect(attributes: attributes);
            session.Handler.Command = command => command.CompleteWithData(
                ScriptedHandler.Completion(command, new NvmeStatus(status), result), session.Handler.Rent(512));
            List<Sent> answer = session.Send(Wire.Entry(Wire.Read, 3, 0x5A, 512));
            Assert.Equal(flag, answer[0].Success);
            Assert.True(answer[0].Last);
            Assert.Equal(flag ? 1 : 2, answer.Count);
            session.AssertEndsClean();
        }
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(3, 0)]
    [InlineData(2, 31)]
    public void Data_in_pieces_of_another_pool_is_one_PDU(byte digests, byte hpda)
    {
        using var pool = new PoisonedPool();
        using var session = new ControllerSession();
        session.Handshake(digests, hpda).Connect();
        byte[] expected = new byte[3 * 512];
        new Random(digests).NextBytes(expected);
        session.Handler.Command = command =>
        {
            var pieces = new BufferLease[3];
            for (int i = 0; i < pieces.Length; i++)
            {
                Assert.True(pool.Pool.TryRent(512, BufferPriority.InputOutput, out pieces[i]));
                expected.AsSpan(i * 512, 512).CopyTo(pieces[i].Span);
            }

            command.CompleteWithData(ScriptedHandler.Completion(command), pieces);
        };
        List<Sent> answer = session.Send(Wire.Entry(Wire.Read, 3, 0x5A, (uint)expected.Length));
        Assert.Equal([7, 5], answer.Select(pdu => (int)pdu.Type));
        Assert.Equal(expected, answer[0].Data);
        Assert.Equal(0, pool.Pool.Statistics.RentedBlocks);

        session.Handler.Command = command =>
        {
            Assert.True(pool.Pool.TryRent(512, BufferPriority.InputOutput, out BufferLease piece));
            Assert.Throws<ArgumentException>(() => command.CompleteWithData(ScriptedHandler.Completion(command), [piece, piece]));
            piece.Release();
            command.Complete(ScriptedHandler.Completion(command));
        };
        Assert.Equal(0, Assert.Single(session.Send(Wire.Entry(Wire.Read, 3, 0x5A, 512))).Status);
        session.AssertEndsClean();
    }

    [Fact]
    public void A_response_carries_the_whole_entry()
    {
        using var session = new ControllerSession();
        session.Handshake().Connect();
        session.Handler.Command = command => command.Complete(new CompletionQueueEntry
        {
            Result = 0x0102030405060708,
            SubmissionQueueHead = 0x1112,
            SubmissionQueueId = 0x2122,
            CommandId = command.Entry.CommandId,
            Status = new NvmeStatus(0x7FFF),
        });
        Assert.Equal(
            [5, 0, 24, 0, 24, 0, 0, 0, 8, 7, 6, 5, 4, 3, 2, 1, 0x12, 0x11, 0x22, 0x21, 0x03, 0x00, 0xFE, 0xFF],
            Assert.Single(session.Send(Wire.Entry(Wire.Flush, 3))).Bytes);
        session.AssertEndsClean();
    }

    [Fact]
    public void Data_of_a_failed_command_is_refused()
    {
        using var session = new ControllerSession();
        session.Handshake().Connect();
        session.Handler.Command = command =>
        {
            BufferLease data = session.Handler.Rent(512);
            Assert.Throws<ArgumentException>(() => command.CompleteWithData(ScriptedHandler.Completion(command, NvmeStatus.InvalidField), data));
            data.Release();
            command.Complete(ScriptedHandler.Completion(command, NvmeStatus.InvalidField));
        };
        Assert.Equal(2, (byte)Assert.Single(session.Send(Wire.Entry(Wire.Read, 3, 0x5A, 512))).Status);
        session.AssertEndsClean();
    }

    [Fact]
    public void Members_are_refused_off_the_loop()
    {
        using var session = new ControllerSession();
        session.Handshake().Connect();
        session.Handler.Command = session.Handler.Held.Add;
        session.Send(Wire.Entry(Wire.Flush, 3));
        var command = session.Handler.Held[0];
        Exception? exception = null;
        var thread = new Thread(() => exception = Record.Exception(() => command.Complete(ScriptedHandler.Completion(command))));
        thread.Start();
        thread.Join();
        Assert.IsType<InvalidOperationException>(exception);
        session.AssertEndsClean();
    }

    [Fact]
    public void Responses_of_a_batch_go_out_together_at_its_end()
    {
        using var session = new ControllerSession();
        session.Handshake().Connect();
        long unsent = 0;
        session.Handler.Command = command =>
        {
            command.Complete(ScriptedHandler.Completion(command));
            unsent = session.Connection.UnsentBytes;
        };
        byte[][] commands = [.. Enumerable.Range(0, 32).Select(i => Wire.CapsuleCmd(Wire.Entry(Wire.Flush, (ushort)i)))];
        Assert.Equal(32, session.Feed(commands).Count);
        Assert.Equal(32 * 24, unsent);
        Assert.Equal(0, session.QueuePair.Lifecycle.References.Commands);
        session.AssertEndsClean();
    }
}
