using Nvmf.Abstractions.Lifecycle;
using Nvmf.EventLoop;
using Nvmf.Transport.Rdma.Connections;

namespace Nvmf.Transport.Rdma.QueuePairs;

/// <summary>The one timer of a queue pair until its Connect command is accepted. On the loop.</summary>
internal sealed class ConnectDeadline(RdmaConnection connection) : LoopTimer(connection.Loop.Thread)
{
    private string _message = "";

    public void Start(TimeSpan timeout, string message)
    {
        _message = message;
        Start(timeout);
    }

    protected internal override void OnDue() => connection.Lifecycle.BeginTeardown(TeardownCause.TimedOut, new TimeoutException(_message));

    public override void OnFailure(Exception exception) => connection.OnFailure(exception);
}
