using System.Collections.Concurrent;
using Nvmf.Target.Tests.Support;

namespace Nvmf.Target.Tests.Seam;

/// <summary>An event loop that is one thread and a queue. What goes wrong on it is kept for the test to find.</summary>
public sealed class FakeLoop : IDisposable
{
    private readonly BlockingCollection<Action> _items = [];
    private readonly ConcurrentQueue<Exception> _failures = [];
    private readonly Thread _thread;

    public FakeLoop(string name = "loop")
    {
        _thread = new Thread(Run) { IsBackground = true, Name = name };
        _thread.Start();
    }

    public bool IsOnLoop => Thread.CurrentThread == _thread;

    public void Post(Action item) => _items.Add(item);

    public void Fail(string message) => _failures.Enqueue(new InvalidOperationException(message));

    /// <summary>Runs something on the loop and waits for it.</summary>
    public Task<T> RunAsync<T>(Func<T> function)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(() =>
        {
            try
            {
                done.SetResult(function());
            }
            catch (Exception exception)
            {
                done.SetException(exception);
            }
        });
        return done.Task.WaitAsync(TestTimeouts.Long);
    }

    /// <summary>Everything posted before, and what that posts, has run.</summary>
    public async Task SettleAsync()
    {
        for (int i = 0; i < 3; i++)
        {
            await RunAsync(static () => true);
        }
    }

    public void AssertNoFailures() => Assert.True(_failures.IsEmpty, string.Join(Environment.NewLine, _failures));

    public void Dispose()
    {
        _items.CompleteAdding();
        Assert.True(_thread.Join(TestTimeouts.Long), "The loop does not end.");
        _items.Dispose();
    }

    private void Run()
    {
        foreach (Action item in _items.GetConsumingEnumerable())
        {
            try
            {
                item();
            }
            catch (Exception exception)
            {
                _failures.Enqueue(exception);
            }
        }
    }
}
