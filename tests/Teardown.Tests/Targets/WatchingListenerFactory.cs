using System.Collections.Concurrent;
using System.Net;
using Nvmf.Abstractions.Connections;

namespace Nvmf.Teardown.Tests.Targets;

/// <summary>Remembers every queue pair that was accepted, in order: their reports are what the proof is about.</summary>
internal sealed class WatchingListenerFactory(IQueuePairListenerFactory inner) : IQueuePairListenerFactory
{
    public ConcurrentQueue<QueuePair> Accepted { get; } = [];

    public bool CanBind(EndPoint endPoint) => inner.CanBind(endPoint);

    public async ValueTask<IQueuePairListener> BindAsync(EndPoint endPoint, CancellationToken cancellationToken = default) =>
        new Listener(this, await inner.BindAsync(endPoint, cancellationToken));

    private sealed class Listener(WatchingListenerFactory factory, IQueuePairListener inner) : IQueuePairListener
    {
        public EndPoint EndPoint => inner.EndPoint;

        public NvmeTransportType TransportType => inner.TransportType;

        public async ValueTask<QueuePair?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            QueuePair? queuePair = await inner.AcceptAsync(cancellationToken);
            if (queuePair is not null)
            {
                factory.Accepted.Enqueue(queuePair);
            }

            return queuePair;
        }

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default) => inner.UnbindAsync(cancellationToken);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
