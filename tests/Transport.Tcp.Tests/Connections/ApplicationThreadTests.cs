using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections;
using Nvmf.EventLoop;

namespace Nvmf.Transport.Tcp.Tests.Connections;

/// <summary>On which thread an application behind a pipe runs, and that one which blocks holds up nobody else.</summary>
public sealed class ApplicationThreadTests : IDisposable
{
    private const string LoopName = "one";

    // All connections of a test share one loop, and so one thread.
    private readonly EventLoopGroup _loop = new(new EventLoopGroupOptions { Count = 1, Name = LoopName });

    public void Dispose() => _loop.Dispose();

    [Fact]
    public async Task ApplicationsThatAnswerAtOnceShareOneThread()
    {
        await using TcpTestHost host = CreateHost();
        Exchange first = await ConnectAsync(host), second = await ConnectAsync(host);
        for (int i = 0; i < 20; i++)
        {
            Assert.StartsWith(LoopName, (await first.AskAsync(Answer))!.Name, StringComparison.Ordinal);
            Assert.Same(await first.AskAsync(Answer), await second.AskAsync(Answer));
        }
    }

    [Fact]
    public async Task WithoutThatThreadTheyRunInThePool()
    {
        await using TcpTestHost host = CreateHost(options => options.UseApplicationThreads = false);
        Exchange exchange = await ConnectAsync(host);
        Assert.True((await exchange.AskAsync(Answer))!.IsThreadPoolThread);
    }

    [Fact]
    public async Task AnApplicationThatAnswersFromAnotherThreadIsCalledInThePool()
    {
        await using TcpTestHost host = CreateHost();
        Exchange exchange = await ConnectAsync(host);
        Assert.False((await exchange.AskAsync(writer => Task.Run(() => Answer(writer)).Wait()))!.IsThreadPoolThread);
        Assert.True((await exchange.AskAsync(writer => Task.Run(() => Answer(writer)).Wait()))!.IsThreadPoolThread);

        // From now on it answers where it is called, and that answer is the first that could tell.
        Assert.True((await exchange.AskAsync(Answer))!.IsThreadPoolThread);
        Assert.False((await exchange.AskAsync(Answer))!.IsThreadPoolThread);
    }

    [Fact]
    public async Task OneThatBlocksHoldsUpNobodyAndTheThreadIsUsedAgainLater()
    {
        await using TcpTestHost host = CreateHost();
        Exchange blocking = await ConnectAsync(host), other = await ConnectAsync(host);
        using var entered = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        Task<Thread?> blocked = blocking.AskAsync(writer =>
        {
            entered.Set();
            release.Wait(Within.Limit);
            Answer(writer);
        });
        await Within.Until(() => entered.IsSet, "the first application is called");

        Assert.True((await other.AskAsync(Answer))!.IsThreadPoolThread);
        Assert.False(blocked.IsCompleted);
        release.Set();
        Assert.False((await blocked)!.IsThreadPoolThread);

        while ((await other.AskAsync(Answer))!.IsThreadPoolThread)
        {
            await Task.Yield();
        }
    }

    [Fact]
    public async Task WhatOneLeavesInTheThreadIsNotFoundByTheNext()
    {
        var local = new AsyncLocal<string?>();
        string? found = "nothing was asked";
        await using TcpTestHost host = CreateHost();
        Exchange first = await ConnectAsync(host), second = await ConnectAsync(host);
        Thread? left = await first.AskAsync(writer =>
        {
            local.Value = "left behind";
            SynchronizationContext.SetSynchronizationContext(new SynchronizationContext());
            Answer(writer);
        });
        Thread? looked = await second.AskAsync(writer =>
        {
            found = local.Value ?? SynchronizationContext.Current?.ToString();
            Answer(writer);
        });
        Assert.Same(left, looked);
        Assert.Null(found);
    }

    private static void Answer(PipeWriter writer)
    {
        writer.GetSpan(1)[0] = 1;
        writer.Advance(1);
        Assert.True(writer.FlushAsync().AsTask().IsCompleted);
    }

    private static async Task<Exchange> ConnectAsync(TcpTestHost host)
    {
        (ConnectionContext connection, Socket peer) = await host.ConnectPairAsync();
        return new Exchange(connection, peer);
    }

    private TcpTestHost CreateHost(Action<TcpTransportOptions>? configure = null) => new(options =>
    {
        options.EventLoops = _loop;
        configure?.Invoke(options);
    });

    /// <summary>A peer that asks with one byte, and an application that is called, without any state machine between, when the byte is there.</summary>
    private sealed class Exchange(ConnectionContext connection, Socket peer)
    {
        private readonly byte[] _byte = new byte[1];

        /// <summary>The thread that <paramref name="application"/> was called on, once its answer has arrived.</summary>
        public async Task<Thread?> AskAsync(Action<PipeWriter> application)
        {
            Thread? called = null;
            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var read = BeginRead();
            Assert.False(read.IsCompleted);
            read.UnsafeOnCompleted(() =>
            {
                try
                {
                    called = Thread.CurrentThread;
                    connection.Transport.Input.AdvanceTo(read.GetResult().Buffer.End);
                    application(connection.Transport.Output);
                    done.SetResult();
                }
                catch (Exception exception)
                {
                    done.SetException(exception);
                }
            });
            await peer.SendAsync(_byte).WaitAsync(Within.Limit);
            Assert.Equal(1, await peer.ReceiveAsync(_byte).WaitAsync(Within.Limit));
            await done.Task.WaitAsync(Within.Limit);
            return called;
        }

        [SuppressMessage("Reliability", "CA2012:Use ValueTasks correctly", Justification = "Its result is taken once.")]
        private ConfiguredValueTaskAwaitable<ReadResult>.ConfiguredValueTaskAwaiter BeginRead() =>
            connection.Transport.Input.ReadAsync().ConfigureAwait(false).GetAwaiter();
    }
}
