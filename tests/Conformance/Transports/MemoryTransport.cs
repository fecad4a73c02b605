using System.IO.Pipelines;
using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;

namespace Nvmf.Conformance.Tests.Transports;

/// <summary>Connections within the process: a pair of pipes.</summary>
internal sealed class MemoryTransport : IConnectionListenerFactory, IConnectionListener
{
    private static readonly PipeOptions PipeOptions = new(
        pauseWriterThreshold: TestTransport.WriteLimit, resumeWriterThreshold: TestTransport.WriteLimit / 2, useSynchronizationContext: false);

    private readonly Channel<ConnectionContext> _accepted = Channel.CreateUnbounded<ConnectionContext>();

    public EndPoint EndPoint { get; } = new IPEndPoint(IPAddress.Loopback, 1);

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) => new(this);

    public ValueTask<ConnectionContext> ConnectAsync()
    {
        var toServer = new Pipe(PipeOptions);
        var toClient = new Pipe(PipeOptions);
        _accepted.Writer.TryWrite(new MemoryConnection(toServer.Reader, toClient.Writer));
        return new(new MemoryConnection(toClient.Reader, toServer.Writer));
    }

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (await _accepted.Reader.WaitToReadAsync(cancellationToken))
        {
            if (_accepted.Reader.TryRead(out ConnectionContext? connection))
            {
                return connection;
            }
        }

        return null;
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _accepted.Writer.TryComplete();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => UnbindAsync();

    private sealed class MemoryConnection : DefaultConnectionContext
    {
        private readonly Duplex _original;

        public MemoryConnection(PipeReader input, PipeWriter output) : base(Guid.NewGuid().ToString("N"))
        {
            _original = new Duplex(input, output);
            Transport = _original;
        }

        public override void Abort(ConnectionAbortedException abortReason)
        {
            _original.Input.CancelPendingRead();
            _original.Output.Complete(abortReason);
            _original.Input.Complete(abortReason);
        }

        public override ValueTask DisposeAsync()
        {
            _original.Output.Complete();
            _original.Input.Complete();
            return base.DisposeAsync();
        }
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
