using System.Security.Cryptography;

namespace Nvmf.Transport.Tcp.Tests.QueuePairs;

public class TcpQueuePairCommandTests
{
    [Theory]
    [InlineData(512)]
    [InlineData(16384)]
    [InlineData(65536)]
    [InlineData(1 << 20)]
    public void Writes_and_reads_back(int size)
    {
        using var session = new ControllerSession();
        session.Handshake().Connect();
        byte[] data = RandomNumberGenerator.GetBytes(size);
        bool inCapsule = size <= 16384;
        List<Sent> answer = session.Send(Wire.Entry(Wire.Write, 7, (byte)(inCapsule ? 0x01 : 0x5A), (uint)size), inCapsule ? data : []);
        if (!inCapsule)
        {
            Sent r2t = Assert.Single(answer);
            Assert.Equal((9, 7, 0u, (uint)size), (r2t.Type, r2t.CommandId, r2t.Offset, r2t.Length));
            answer = session.Feed(Wire.H2CData(7, r2t.TransferTag, 0, data));
        }

        Sent response = Assert.Single(answer);
        Assert.Equal((5, 7, 0), (response.Type, response.ResponseCommandId, response.Status));

        answer = session.Send(Wire.Entry(Wire.Read, 8, 0x5A, (uint)size));
        Assert.Equal([7, 5], answer.Select(pdu => (int)pdu.Type));
        Assert.Equal(data, answer[0].Data);
        Assert.True(answer[0].Last);
        Assert.False(answer[0].Success);
        session.AssertEndsClean();
    }
}
