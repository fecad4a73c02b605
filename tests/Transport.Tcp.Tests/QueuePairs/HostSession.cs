using Microsoft.Extensions.Logging.Abstractions;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Testing;
using Nvmf.Transport.Tcp.Pdu;
using Nvmf.Transport.Tcp.QueuePairs;

namespace Nvmf.Transport.Tcp.Tests.QueuePairs;

/// <summary>A <see cref="TcpHostQueuePair"/> on a <see cref="MemoryConnection"/>, with the test as its controller.</summary>
internal sealed class HostSession : IDisposable
{
    private readonly List<TestCommand> _commands = [];
    private readonly byte _digests;

    public HostSession(byte digests = 0, bool isAdmin = false, int queueSize = 8, PoisonedPool? pool = null)
    {
        _digests = digests;
        OwnsPool = pool is null;
        Pool = pool ?? new PoisonedPool(16 << 20);
        Connection = new MemoryConnection();
        QueuePair = new TcpHostQueuePair(
            Connection.Context,
            Connection,
            new HostQueuePairOptions { HeaderDigest = (digests & 1) != 0, DataDigest = (digests & 2) != 0, IsAdmin = isAdmin, QueueSize = queueSize },
            NullLogger.Instance);
        QueuePair.Start();
        Connection.Run();
        Assert.Equal(Wire.ICReq(digests), Connection.TakeSent());
    }

    public PoisonedPool Pool { get; }

    public MemoryConnection Connection { get; }

    public TcpHostQueuePair QueuePair { get; }

    /// <summary>Framing of PDUs to the host.</summary>
    public PduFraming ToHost { get; private set; } = PduFraming.Handshake;

    private bool OwnsPool { get; }

    private PduFraming ToController { get; set; } = PduFraming.Handshake;

    public HostSession Handshake(byte cpda = 0, uint maxH2CData = 1 << 20)
    {
        bool header = (_digests & 1) != 0, data = (_digests & 2) != 0;
        Assert.Empty(Feed(Wire.ICResp(_digests, cpda, maxH2CData)));
        Assert.True(QueuePair.Handshake.IsCompletedSuccessfully);
        ToHost = new PduFraming(header, data, 4);
        ToController = new PduFraming(header, data, (cpda + 1) * 4);
        QueuePair.InCapsuleDataSize = 8192;
        return this;
    }

    public List<Sent> Take() => Sent.Parse(Connection.TakeSent(), ToController);

    public List<Sent> Feed(params byte[][] pdus)
    {
        Connection.Feed([.. pdus.SelectMany(pdu => pdu)]);
        return Take();
    }

    /// <summary>Submits a command with a buffer of <paramref name="size"/> bytes filled with a pattern (writes) or with EEh (reads).</summary>
    public TestCommand Submit(byte opcode, int size, out BufferLease data)
    {
        data = default;
        if (size > 0)
        {
            Assert.True(Pool.Pool.TryRent(size, BufferPriority.InputOutput, out data));
            data.Span.Fill(0xEE);
            if (opcode == Wire.Write)
            {
                new Random(size).NextBytes(data.Span);
            }
        }

        TestCommand command = TestCommand.Io(opcode, data, (DataDirection)(opcode & 3));
        _commands.Add(command);
        Assert.True(QueuePair.TrySubmit(command));
        return command;
    }

    /// <summary>Submits and returns the capsule that was sent.</summary>
    public Sent SubmitAndTake(byte opcode, int size, out TestCommand command, out BufferLease data)
    {
        command = Submit(opcode, size, out data);
        QueuePair.Flush();
        Sent capsule = Assert.Single(Take());
        Assert.Equal(4, capsule.Type);
        return capsule;
    }

    /// <summary>Ends the session, and checks that nothing is left of it.</summary>
    public void AssertEndsClean(TeardownCause cause = TeardownCause.HostClosed)
    {
        if (Connection.Lifecycle.Cause == TeardownCause.None)
        {
            Connection.FeedEnd();
        }

        Connection.Prove();
        Connection.Run();
        Assert.Equal(cause, Connection.Lifecycle.Cause);
        Assert.True(Connection.Lifecycle.Completion.IsCompleted, $"{Connection.Lifecycle.State}, {Connection.Lifecycle.References}");
        Assert.All(_commands, command => Assert.True(command.IsReleased != command.IsQuarantined));
        foreach (TestCommand command in _commands)
        {
            command.Data.Release();
        }

        Assert.Equal(0, Pool.Pool.Statistics.RentedBlocks);
    }

    public void Dispose()
    {
        if (OwnsPool)
        {
            Pool.Dispose();
        }
    }
}
