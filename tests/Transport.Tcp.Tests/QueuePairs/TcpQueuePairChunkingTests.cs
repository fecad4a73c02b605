using Nvmf.Abstractions.Buffers;

namespace Nvmf.Transport.Tcp.Tests.QueuePairs;

/// <summary>TCP has no message boundaries: however the bytes come, the answer is the same.</summary>
public class TcpQueuePairChunkingTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Any_chunking_of_the_same_bytes_gives_the_same_answer(byte digests)
    {
        using var pool = new BufferPool(new BufferPoolOptions { Poison = true, LimitInBytes = 24 << 20 });
        byte[] stream = RecordedSession.Bytes(digests);
        (byte[] answer, byte[] disk) = Play(pool, [stream]);
        Assert.Equal(99, answer[^((digests & 1) != 0 ? 8 : 4)]);

        // Every position at which a header, digest or small piece of data can be cut in two.
        for (int cut = 1; cut < stream.Length; cut += cut < 1900 || cut > stream.Length - 300 ? 1 : 307)
        {
            AssertSame([stream[..cut], stream[cut..]], $"cut at {cut}");
        }

        AssertSame([.. stream[..3000].Chunk(1), .. stream[3000..].Chunk(13)], "byte by byte");
        for (int seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            int largest = 1 << random.Next(1, 17);
            var chunks = new List<byte[]>();
            for (int position = 0; position < stream.Length;)
            {
                int length = Math.Min(random.Next(1, largest + 1), stream.Length - position);
                chunks.Add(stream[position..(position + length)]);
                position += length;
            }

            AssertSame(chunks, $"seed {seed}");
        }

        void AssertSame(IEnumerable<byte[]> chunks, string what)
        {
            (byte[] otherAnswer, byte[] otherDisk) = Play(pool, chunks);
            Assert.True(answer.AsSpan().SequenceEqual(otherAnswer), what);
            Assert.True(disk.AsSpan().SequenceEqual(otherDisk), what);
        }
    }

    private static (byte[] Answer, byte[] Disk) Play(BufferPool pool, IEnumerable<byte[]> chunks)
    {
        using var session = new ControllerSession(RecordedSession.Options, pool, diskSize: RecordedSession.DiskSize);
        var answer = new List<byte>();
        foreach (byte[] chunk in chunks)
        {
            session.Connection.Feed(chunk);
            answer.AddRange(session.Connection.TakeSent());
        }

        session.AssertEndsClean();
        return ([.. answer], session.Handler.Disk);
    }
}
