using Microsoft.Extensions.Logging.Abstractions;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Transport.Tcp.Pdu;
using Nvmf.Transport.Tcp.QueuePairs;

namespace Nvmf.Transport.Tcp.Tests.QueuePairs;

/// <summary>A <see cref="TcpQueuePair"/> on a <see cref="MemoryConnection"/>, with the test as its host.</summary>
internal sealed class ControllerSession : IDisposable
{
    private readonly bool _ownsPool;

    public ControllerSession(TcpQueuePairOptions? options = null, BufferPool? pool = null, TimeProvider? timeProvider = null, int diskSize = 2 << 20)
    {
        _ownsPool = pool is null;
        Pool = pool ?? new BufferPool(new BufferPoolOptions { Poison = true, LimitInBytes = 24 << 20 });
        Connection = new MemoryConnection(timeProvider: timeProvider);
        Handler = new ScriptedHandler(Pool, diskSize);
        var settings = new TcpQueuePairSettings(options ?? new TcpQueuePairOptions(), Pool);
        Pending = new PendingConnections(settings.MaxPendingConnections);
        QueuePair = new TcpQueuePair(
            Connection.Context, Connection, Pool, settings, Pending, NullLogger.Instance, timeProvider ?? TimeProvider.System);
        Pending.Add(QueuePair);
        QueuePair.Start(Handler);
    }

    public BufferPool Pool { get; }

    public MemoryConnection Connection { get; }

    public ScriptedHandler Handler { get; }

    public PendingConnections Pending { get; }

    public TcpQueuePair QueuePair { get; }

    /// <summary>Framing of PDUs to the controller.</summary>
    public PduFraming ToController { get; private set; } = PduFraming.Handshake;

    /// <summary>Framing of PDUs to the host.</summary>
    public PduFraming ToHost { get; private set; } = PduFraming.Handshake;

    public List<Sent> Take() => Sent.Parse(Connection.TakeSent(), ToHost);

    public List<Sent> Feed(params byte[][] pdus)
    {
        Connection.Feed([.. pdus.SelectMany(pdu => pdu)]);
        return Take();
    }

    public List<Sent> Send(byte[] entry, ReadOnlySpan<byte> data = default) => Feed(Wire.CapsuleCmd(entry, data, ToController));

    public ControllerSession Handshake(byte digests = 0, byte hpda = 0)
    {
        Sent response = Assert.Single(Feed(Wire.ICReq(digests, hpda)));
        Assert.Equal(1, response.Type);
        bool header = (response.Bytes[11] & 1) != 0, data = (response.Bytes[11] & 2) != 0;
        ToController = new PduFraming(header, data, 4);
        ToHost = new PduFraming(header, data, (hpda + 1) * 4);
        return this;
    }

    public ControllerSession Connect(ushort qid = 1, ushort sqsize = 127, byte attributes = 0)
    {
        Sent response = Assert.Single(Send(Wire.ConnectEntry(0xC0, qid, sqsize, attributes), new byte[1024]));
        Assert.Equal(5, response.Type);
        Assert.Equal(0, response.Status);
        return this;
    }

    /// <summary>Ends the session, and checks that nothing is left of it.</summary>
    public void AssertEndsClean(TeardownCause cause = TeardownCause.HostClosed)
    {
        if (Connection.Lifecycle.Cause == TeardownCause.None)
        {
            Connection.FeedEnd();
        }

        Connection.WindowClosed = false;
        Connection.Run();
        Connection.Prove();
        Connection.Run();
        Assert.Equal(cause, Connection.Lifecycle.Cause);
        Assert.True(Connection.Lifecycle.Completion.IsCompleted, $"{Connection.Lifecycle.State}, {Connection.Lifecycle.References}");
        Assert.Equal(1, Handler.ClosedCalls);
        Assert.Equal(0, Handler.Report!.AbandonedCommands);
        Assert.Equal(0, Pool.Statistics.RentedBlocks);
        Assert.Equal(0, Pool.Statistics.Waiters);
        Assert.Equal(0, Pool.Statistics.PoisonViolations);
        Assert.Equal(0, Pending.Count);
    }

    public void Dispose()
    {
        if (_ownsPool)
        {
            Pool.Dispose();
        }
    }
}
