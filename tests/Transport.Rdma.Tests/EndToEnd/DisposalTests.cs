using System.Net;
using Microsoft.AspNetCore.Connections;
using Nvmf.Abstractions.Connections;
using Nvmf.EventLoop;
using Nvmf.Testing;
using Nvmf.Transport.Rdma.Connections;
using Nvmf.Transport.Rdma.Tests.HostQueuePairs;
using Nvmf.Transport.Rdma.Tests.Virtual;

namespace Nvmf.Transport.Rdma.Tests.EndToEnd;

/// <summary>Who binds or connects while the transport is disposed of hears of it, in any order of the two, and leaves nothing behind.</summary>
public class DisposalTests
{
    private const int Rounds = 40;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly RdmaEndPoint AnyPort = new(IPAddress.Loopback, 0);

    [Fact]
    public async Task Binding_that_the_disposal_overtakes_ends_and_its_listener_with_it()
    {
        using var pool = new PoisonedPool(64 << 20);
        VirtualStack machine = new VirtualFabric().AddMachine("target");
        var factory = new RdmaQueuePairListenerFactory(machine, pool.Pool, Options(), null);
        await factory.BindAsync(AnyPort);
        Task<IQueuePairListener> binding;
        Task disposing;
        using (var busy = new ManualResetEventSlim())
        {
            foreach (RdmaLoop loop in factory.Transport.Loops)
            {
                loop.Thread.Post(new LoopAction(() => busy.Wait(Patience)));
            }

            binding = factory.BindAsync(AnyPort).AsTask();
            disposing = factory.DisposeAsync().AsTask();
            Assert.False(binding.IsCompleted || disposing.IsCompleted);
            busy.Set();
            await Assert.ThrowsAsync<ObjectDisposedException>(() => binding.WaitAsync(Patience));
            await disposing.WaitAsync(Patience);
        }

        await Assert.ThrowsAsync<ObjectDisposedException>(() => factory.BindAsync(AnyPort).AsTask().WaitAsync(Patience));
        Assert.Empty(machine.VirtualDevice.Live.Names());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Connecting_that_the_disposal_overtakes_ends(bool requested)
    {
        await using var bench = new HostBench();
        Task<HostQueuePair> connecting = bench.BeginConnectAsync();
        bench.Controller.ExpectRequest();
        using (var busy = new ManualResetEventSlim())
        {
            if (!requested)
            {
                bench.Loop.Thread.Post(new LoopAction(() => busy.Wait(Patience)));
                connecting = bench.Connector.ConnectAsync(new RdmaEndPoint(IPAddress.Loopback, 1), new HostQueuePairOptions { QueueId = 1, QueueSize = 8 }).AsTask();
            }

            Task disposing = bench.Connector.DisposeAsync().AsTask();
            busy.Set();
            await Assert.ThrowsAsync<ObjectDisposedException>(() => connecting.WaitAsync(Patience));
            await disposing.WaitAsync(Patience);
        }

        await Assert.ThrowsAsync<ObjectDisposedException>(() => bench.BeginConnectAsync().WaitAsync(Patience));
    }

    [Fact]
    public async Task In_any_order_binding_and_connecting_end()
    {
        using var pool = new PoisonedPool(64 << 20);
        var fabric = new VirtualFabric();
        for (int round = 0; round < Rounds; round++)
        {
            VirtualStack target = fabric.AddMachine("target"), host = fabric.AddMachine("host");
            var factory = new RdmaQueuePairListenerFactory(target, pool.Pool, Options(), null);
            await using var connector = new RdmaHostQueuePairConnector(host, pool.Pool, Options(), null);
            IQueuePairListener listener = await factory.BindAsync(AnyPort);
            using var start = new Barrier(3);
            Task[] all =
            [
                Task.Run(() => At(start, () => factory.DisposeAsync().AsTask())),
                Task.Run(() => At(start, () => UntilDisposedAsync(async () => await factory.BindAsync(AnyPort)))),
                Task.Run(() => At(start, () => ConnectAsync(connector, listener.EndPoint))),
            ];
            await Task.WhenAll(all).WaitAsync(Patience);
            Task[] ends = [connector.DisposeAsync().AsTask(), UntilDisposedAsync(() => ConnectAsync(connector, listener.EndPoint))];
            await Task.WhenAll(ends).WaitAsync(Patience);
            Assert.Empty(target.VirtualDevice.Live.Names());
            Assert.Empty(host.VirtualDevice.Live.Names());
        }

        Assert.Empty(fabric.Violations);
    }

    private static Task At(Barrier start, Func<Task> call)
    {
        start.SignalAndWait(Patience);
        return call();
    }

    private static async Task UntilDisposedAsync(Func<Task> call)
    {
        try
        {
            while (true)
            {
                await call();
            }
        }
        catch (ObjectDisposedException)
        {
            // That is how it must end.
        }
    }

    // The target may refuse, or be gone: what counts is that it ends.
    private static async Task ConnectAsync(RdmaHostQueuePairConnector connector, EndPoint endPoint)
    {
        try
        {
            await connector.ConnectAsync(endPoint, new HostQueuePairOptions { QueueId = 1, QueueSize = 8, ConnectTimeout = Patience });
        }
        catch (Exception exception) when (exception is IOException or ConnectionAbortedException)
        {
        }
    }

    private static RdmaTransportOptions Options() => new() { LoopOptions = new EventLoopGroupOptions { Count = 2, Name = "rdma-disposal" } };
}
