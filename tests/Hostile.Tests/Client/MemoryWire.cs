using System.Buffers.Binary;
using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Transport.Tcp.QueuePairs;
using Nvmf.Transport.Tcp.Tests.QueuePairs;

namespace Nvmf.Hostile.Tests.Client;

/// <summary>A real queue pair and a real target on a connection without a network, all on the test's thread.</summary>
internal sealed class MemoryWire : HostWire
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);
    private readonly MemoryConnection _connection;
    private byte[] _received = [];
    private int _position;

    public MemoryWire(World world)
    {
        _connection = new MemoryConnection(timeProvider: world.Clock);
        var queuePair = new TcpQueuePair(_connection.Context, _connection, world.Pool, world.Settings, world.Pending, NullLogger.Instance, world.Clock);
        world.Pending.Add(queuePair);
        queuePair.Start(world.Target.CreateHandler(queuePair, world.Port));
        Lifecycle = _connection.Lifecycle;
    }

    public QueuePairLifecycle Lifecycle { get; }

    public override void Send(ReadOnlySpan<byte> bytes)
    {
        if (_connection.IsClosed)
        {
            return;
        }

        _connection.Feed(bytes);
        Collect();
    }

    public override byte[]? ReceivePdu()
    {
        long start = Stopwatch.GetTimestamp();
        while (_received.Length == _position)
        {
            if (Lifecycle.Cause != TeardownCause.None)
            {
                return null;
            }

            if (Stopwatch.GetElapsedTime(start) > Limit)
            {
                throw new HostileException("No answer, and no end.");
            }

            Thread.Yield();
            _connection.Run();
            Collect();
        }

        int length = (int)BinaryPrimitives.ReadUInt32LittleEndian(_received.AsSpan(_position + 4));
        if (length < 8 || length > _received.Length - _position)
        {
            throw new HostileException("Part of a PDU was sent.");
        }

        byte[] pdu = _received[_position..(_position + length)];
        _position += length;
        return pdu;
    }

    public override void End()
    {
        if (Lifecycle.Cause == TeardownCause.None)
        {
            _connection.FeedEnd();
        }

        long start = Stopwatch.GetTimestamp();
        do
        {
            _connection.Prove();
            _connection.Run();
            if (Stopwatch.GetElapsedTime(start) > Limit)
            {
                throw new HostileException($"No end: {Lifecycle.State}, {Lifecycle.References}.");
            }
        }
        while (!_connection.IsClosed);

        if (Lifecycle.Cause == TeardownCause.InternalError)
        {
            throw new HostileException($"An exception: {Lifecycle.Completion.Result.Error}");
        }

        if (Lifecycle.Completion.Result is { AbandonedCommands: not 0 } or { QuarantinedBytes: not 0 })
        {
            throw new HostileException($"Left behind: {Lifecycle.Completion.Result}");
        }
    }

    public override void Dispose()
    {
    }

    private void Collect()
    {
        byte[] sent = _connection.TakeSent();
        if (sent.Length == 0)
        {
            return;
        }

        _received = [.. _received.AsSpan(_position), .. sent];
        _position = 0;
    }
}
