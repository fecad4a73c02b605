using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections;
using Nvmf.EventLoop;

namespace Nvmf.Transport.Tcp.Tests.Connections;

/// <summary>Applications behind the pipes of one loop: one that blocks holds up nobody else.</summary>
public sealed class PipeApplicationTests : IDisposable
{
    private readonly EventLoopGroup _loop = new(new EventLoopGroupOptions { Count = 1, Name = "one" });

    public void Dispose() => _loop.Dispose();

    [Fact]
    public async Task OneThatBlocksHoldsUpNobody()
    {
        await using TcpTestHost host = CreateHost();
        Exchange blocking = await ConnectAsync(host), other = await ConnectAsync(host);
        using var entered = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        Task blocked = blocking.AskAsync(writer =>
        {
            entered.Set();
            release.Wait(Within.Limit);
            Answer(writer);
        });
        await Within.Until(() => entered.IsSet, "the first application is called");

        for (int i = 0; i < 10; i++)
        {
            await other.AskAsync(Answer);
        }

        Assert.False(blocked.IsCompleted);
        release.Set();
        await blocked;
        await other.AskAsync(Answer);
    }

    [Fact]
    public async Task AnAnswerBehindOneThatBlocksIsSentAllTheSame()
    {
        await using TcpTestHost host = CreateHost();
        Exchange exchange = await ConnectAsync(host);
        using var release = new ManualResetEventSlim();
        exchange.Ask(writer =>
        {
            // Two flushes: the second is not sent from here.
            Answer(writer);
            Answer(writer);
            release.Wait(Within.Limit);
        });
        await exchange.ReceiveAsync();
        await exchange.ReceiveAsync();
        Assert.False(exchange.Called.IsCompleted);
        release.Set();
        await exchange.Called.WaitAsync(Within.Limit);
    }

    [Fact]
    public async Task WhatOneLeavesInTheThreadIsNotFoundByTheNext()
    {
        var local = new AsyncLocal<string?>();
        var found = new List<string?>();
        await using TcpTestHost host = CreateHost();
        Exchange first = await ConnectAsync(host), second = await ConnectAsync(host);
        for (int i = 0; i < 20; i++)
        {
            await Task.WhenAll(
                first.AskAsync(writer =>
                {
                    local.Value = "left behind";
                    SynchronizationContext.SetSynchronizationContext(new SynchronizationContext());
                    Answer(writer);
                }),
                second.AskAsync(writer =>
                {
                    found.Add(local.Value ?? SynchronizationContext.Current?.ToString());
                    Answer(writer);
                }));
        }

        Assert.All(found, Assert.Null);
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

    private TcpTestHost CreateHost() => new(options => options.EventLoops = _loop);

    /// <summary>A peer that asks with one byte, and an application that is called, without any state machine between, when the byte is there.</summary>
    private sealed class Exchange(ConnectionContext connection, Socket peer)
    {
        private readonly byte[] _byte = new byte[1];

        /// <summary>Ends when the application has returned.</summary>
        public Task Called { get; private set; } = Task.CompletedTask;

        /// <summary>Ends when the application has returned and the first byte of its answer is here.</summary>
        public async Task AskAsync(Action<PipeWriter> application)
        {
            Ask(application);
            await ReceiveAsync();
            await Called.WaitAsync(Within.Limit);
        }

        public async Task ReceiveAsync() => Assert.Equal(1, await peer.ReceiveAsync(_byte).WaitAsync(Within.Limit));

        public void Ask(Action<PipeWriter> application)
        {
            var called = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Called = called.Task;
            var read = BeginRead();
            Assert.False(read.IsCompleted);
            read.UnsafeOnCompleted(() =>
            {
                try
                {
                    connection.Transport.Input.AdvanceTo(read.GetResult().Buffer.End);
                    application(connection.Transport.Output);
                    called.SetResult();
                }
                catch (Exception exception)
                {
                    called.SetException(exception);
                }
            });
            Assert.Equal(1, peer.Send(_byte));
        }

        [SuppressMessage("Reliability", "CA2012:Use ValueTasks correctly", Justification = "Its result is taken once.")]
        private ConfiguredValueTaskAwaitable<ReadResult>.ConfiguredValueTaskAwaiter BeginRead() =>
            connection.Transport.Input.ReadAsync().ConfigureAwait(false).GetAwaiter();
    }
}
