using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Testing;

namespace Nvmf.Transport.Tcp.Tests.QueuePairs;

/// <summary>A host that keeps its queue full, over a carrier that takes long for a flush.</summary>
public class FullQueueOverPipesTests
{
    private const int Size = 64 << 10;
    private const int Answer = 24 + Size + 24;

    [Fact]
    public async Task An_answer_that_the_host_has_counts_no_more_although_those_behind_it_are_on_their_way()
    {
        using var pool = new PoisonedPool(16 << 20);
        await using var transport = new TestTransport(Carrier.Memory, pool.Pool);
        await using IQueuePairListener listener = await transport.Listeners.BindAsync(new IPEndPoint(IPAddress.Loopback, 0));
        await using ConnectionContext host = await transport.Connections.ConnectAsync(listener.EndPoint);
        QueuePair controller = (await listener.AcceptAsync())!;
        controller.Start(NewHandler(pool));
        await host.Transport.Output.WriteAsync(Wire.ICReq());
        await ReadAsync(host, 128);

        // Four entries, so three commands at a time.
        await host.Transport.Output.WriteAsync(Wire.CapsuleCmd(Wire.ConnectEntry(0, 1, sqsize: 3), new byte[1024]));
        await ReadAsync(host, 24);
        await host.Transport.Output.WriteAsync((byte[])[.. Read(1), .. Read(2), .. Read(3)]);

        // Enough is left that the flush of all three goes on.
        await ReadAsync(host, 2 * Answer);
        await host.Transport.Output.WriteAsync((byte[])[.. Read(4), .. Read(5)]);
        await ReadAsync(host, Answer);
        Assert.Equal(7, (await ReadAsync(host, Answer))[0]);
        Assert.Equal(7, (await ReadAsync(host, Answer))[0]);
        await host.Transport.Output.CompleteAsync();
        await controller.Lifecycle.Completion.WaitAsync(TestCommand.Patience);
        Assert.Equal(TeardownCause.HostClosed, controller.Lifecycle.Cause);
    }

    private static byte[] Read(ushort commandId) => Wire.CapsuleCmd(Wire.Entry(Wire.Read, commandId, length: Size));

    /// <summary>Answers the first three commands together, all others at once.</summary>
    private static ScriptedHandler NewHandler(PoisonedPool pool)
    {
        var handler = new ScriptedHandler(pool.Pool, 1 << 20);
        var arrived = new List<QueuePairCommand>();
        int answered = 0;
        handler.Command = command =>
        {
            arrived.Add(command);
            if (arrived.Count + answered >= 3)
            {
                arrived.ForEach(read => read.CompleteWithData(ScriptedHandler.Completion(read), handler.Rent(Size)));
                answered += arrived.Count;
                arrived.Clear();
            }
        };
        return handler;
    }

    private static async Task<byte[]> ReadAsync(ConnectionContext host, int length)
    {
        ReadResult result = await host.Transport.Input.ReadAtLeastAsync(length).AsTask().WaitAsync(TestCommand.Patience);
        ReadOnlySequence<byte> bytes = result.Buffer.Slice(0, Math.Min(length, result.Buffer.Length));
        byte[] read = bytes.ToArray();
        host.Transport.Input.AdvanceTo(bytes.End);
        return read;
    }
}
