using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Nvmf.EventLoop.Tests;

/// <summary>One loop, with ways to get onto it and to wait for it.</summary>
internal sealed class LoopFixture(EventLoopOptions? options = null) : IDisposable
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private readonly CollectingLogger _logger = new();
    private EventLoopThread? _loop;

    public EventLoopThread Loop => _loop ??= new EventLoopThread(options, _logger);

    public ConcurrentQueue<Exception> Logged => _logger.Exceptions;

    public ConcurrentQueue<string> Messages => _logger.Messages;

    public Task RunAsync(Action action)
    {
        var item = new Item(action);
        Loop.Post(item);
        return item.Task.WaitAsync(Limit);
    }

    public static async Task Until(Func<bool> condition)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(start) > Limit)
            {
                throw new TimeoutException();
            }

            await Task.Delay(1);
        }
    }

    public void Dispose() => Loop.Dispose();

    public sealed class Item(Action action) : IThreadPoolWorkItem
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Task => _done.Task;

        public void Execute()
        {
            try
            {
                action();
                _done.SetResult();
            }
            catch (Exception exception)
            {
                _done.SetException(exception);
            }
        }
    }

    private sealed class CollectingLogger : ILogger
    {
        public ConcurrentQueue<Exception> Exceptions { get; } = new();

        public ConcurrentQueue<string> Messages { get; } = new();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            Messages.Enqueue(formatter(state, exception));
            if (exception is not null)
            {
                Exceptions.Enqueue(exception);
            }
        }
    }
}
