using System.Net;
using Nvmf.Abstractions.Connections;

namespace Nvmf.Hosting.Tests;

/// <summary>A transport whose listeners fail to accept a few times before they do.</summary>
internal sealed class FlakyListenerFactory(IQueuePairListenerFactory inner, int failures) : IQueuePairListenerFactory
{
    public int Failed { get; private set; }

    public bool CanBind(EndPoint endPoint) => inner.CanBind(endPoint);

    public async ValueTask<IQueuePairListener> BindAsync(EndPoint endPoint, CancellationToken cancellationToken = default) =>
        new FlakyListener(this, await inner.BindAsync(endPoint, cancellationToken), failures);

    private sealed class FlakyListener(FlakyListenerFactory factory, IQueuePairListener inner, int failures) : IQueuePairListener
    {
        public EndPoint EndPoint => inner.EndPoint;

        public NvmeTransportType TransportType => inner.TransportType;

        public ValueTask<QueuePair?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            if (factory.Failed < failures)
            {
                factory.Failed++;
                throw new IOException("Too many open files");
            }

            return inner.AcceptAsync(cancellationToken);
        }

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default) => inner.UnbindAsync(cancellationToken);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
