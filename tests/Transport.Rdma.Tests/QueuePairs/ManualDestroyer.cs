using System.Collections.Concurrent;
using Nvmf.Transport.Rdma.Connections;

namespace Nvmf.Transport.Rdma.Tests.QueuePairs;

/// <summary>Destroys when the test says so, until it is automatic; or, in haste, on another thread while the loop is still in the call that asks for it.</summary>
internal sealed class ManualDestroyer : Destroyer
{
    private readonly ConcurrentQueue<RdmaConnection> _waiting = new();
    private volatile bool _automatic;

    public int Waiting => _waiting.Count;

    /// <summary>Whoever touches the queue pair behind that call touches a destroyed one.</summary>
    public bool InHaste { get; set; }

    public override void Destroy(RdmaConnection connection)
    {
        _waiting.Enqueue(connection);
        if (InHaste)
        {
            Assert.True(Task.Run(Run).Wait(TargetBench.Patience), "The destruction waits for the loop that asked for it.");
        }
        else if (_automatic)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static destroyer => destroyer.Run(), this, preferLocal: false);
        }
    }

    /// <summary>On the caller's thread.</summary>
    public void Run()
    {
        while (_waiting.TryDequeue(out RdmaConnection? connection))
        {
            connection.Destroy();
        }
    }

    public void SetAutomatic(bool automatic)
    {
        _automatic = automatic;
        if (automatic)
        {
            Run();
        }
    }
}
