using System.Net;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Transport.Tcp.QueuePairs;

namespace Nvmf.Transport.Tcp.Tests.QueuePairs;

/// <summary>Both ends of one queue pair over a real carrier: a host, connected, and a scripted target.</summary>
internal sealed class QueuePairPair : IAsyncDisposable
{
    private readonly TestTransport _transport;
    private readonly IQueuePairListener _listener;

    private QueuePairPair(TestTransport transport, IQueuePairListener listener, BufferPool pool, HostQueuePair host, QueuePair controller, ScriptedHandler handler)
    {
        _transport = transport;
        _listener = listener;
        Pool = pool;
        Host = host;
        Controller = controller;
        Handler = handler;
    }

    public BufferPool Pool { get; }

    public HostQueuePair Host { get; }

    public QueuePair Controller { get; }

    public ScriptedHandler Handler { get; }

    public static async Task<QueuePairPair> OpenAsync(
        Carrier carrier, HostQueuePairOptions? hostOptions = null, TcpQueuePairOptions? options = null, int diskSize = 32 << 20, bool noFlowControl = false)
    {
        var pool = new BufferPool(new BufferPoolOptions { Poison = true, LimitInBytes = 96 << 20 });
        options ??= new TcpQueuePairOptions();
        hostOptions ??= new HostQueuePairOptions();
        var transport = new TestTransport(carrier, pool, options);
        IQueuePairListener listener = await transport.Listeners.BindAsync(new IPEndPoint(IPAddress.Loopback, 0));
        Task<QueuePair?> accept = listener.AcceptAsync().AsTask();
        var handler = new ScriptedHandler(pool, diskSize);
        Task<HostQueuePair> connect = transport.Connector.ConnectAsync(listener.EndPoint, hostOptions).AsTask();
        QueuePair controller = (await accept.WaitAsync(TestCommand.Patience))!;
        controller.Start(handler);
        HostQueuePair host = await connect.WaitAsync(TestCommand.Patience);
        var pair = new QueuePairPair(transport, listener, pool, host, controller, handler);

        Assert.True(pool.TryRent(1024, BufferPriority.Administration, out BufferLease data));
        data.Span.Clear();
        TestCommand command = TestCommand.Connect(data, 1, (ushort)(hostOptions.QueueSize - 1), noFlowControl);
        Assert.True(await command.SubmitAsync(host));
        Assert.Equal(NvmeStatus.Success, (await command.Completed).Status);
        await command.Released;
        data.Release();
        host.InCapsuleDataSize = options.InCapsuleDataSize;
        return pair;
    }

    /// <summary>Waits for both ends, and checks that nothing is left.</summary>
    public async Task AssertEndsCleanAsync()
    {
        Host.Close(TeardownCause.LocalClose);
        DrainReport hostReport = await Host.Lifecycle.Completion.WaitAsync(TestCommand.Patience);
        DrainReport report = await Controller.Lifecycle.Completion.WaitAsync(TestCommand.Patience);
        Assert.Equal((0, 0L), (hostReport.AbandonedCommands, hostReport.QuarantinedBytes));
        Assert.Equal((0, 0L), (report.AbandonedCommands, report.QuarantinedBytes));
        await Until(() => Handler.ClosedCalls == 1, "OnClosed");
        await Until(() => Pool.Statistics.RentedBlocks == 0, "the pool to be full again");
        Assert.Equal(0, Pool.Statistics.PoisonViolations);
        Assert.Equal(0, _transport.Listeners.Pending.Count);
    }

    public static async Task Until(Func<bool> condition, string what)
    {
        DateTime deadline = DateTime.UtcNow + TestCommand.Patience;
        while (!condition())
        {
            Assert.True(DateTime.UtcNow < deadline, $"Waited in vain for {what}.");
            await Task.Delay(1);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Host.Close(TeardownCause.LocalClose);
        Controller.Close(TeardownCause.LocalClose);
        await _listener.DisposeAsync();
        await _transport.DisposeAsync();
        Pool.Dispose();
    }
}
