using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Nvmf.Transport.Tcp.Internal;

/// <summary>The features every Kestrel transport gives its connections.</summary>
internal abstract class TransportConnection(string id, MemoryPool<byte> memoryPool) : ConnectionContext,
    IConnectionIdFeature,
    IConnectionTransportFeature,
    IConnectionItemsFeature,
    IMemoryPoolFeature,
    IConnectionLifetimeFeature,
    IConnectionEndPointFeature
{
    private readonly CancellationTokenSource _closedSource = new();
    private readonly TaskCompletionSource _closedTold = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private FeatureCollection? _features;
    private IDictionary<object, object?>? _items;
    private int _closedFired;
    private CancellationToken? _replacedClosedToken;

    public override string ConnectionId { get; set; } = id;

    public MemoryPool<byte> MemoryPool { get; } = memoryPool;

    public override IFeatureCollection Features => _features ??= CreateFeatures();

    public override IDictionary<object, object?> Items
    {
        get => _items ??= new ConnectionItems();
        set => _items = value;
    }

    public override CancellationToken ConnectionClosed
    {
        get => _replacedClosedToken ?? _closedSource.Token;
        set => _replacedClosedToken = value;
    }

    // Feature and context share their members; without these overrides of the base class's defaults each would call the other for ever.
    public abstract override IDuplexPipe Transport { get; set; }

    public abstract override void Abort(ConnectionAbortedException abortReason);

    public override void Abort() => Abort(new ConnectionAbortedException("The connection was aborted by the application."));

    /// <summary>Ends when everybody has been told of <see cref="ConnectionClosed"/>.</summary>
    protected Task ConnectionClosedTold => _closedTold.Task;

    /// <summary>Cancels <see cref="ConnectionClosed"/> once, on the thread pool.</summary>
    protected void FireConnectionClosed()
    {
        if (Interlocked.Exchange(ref _closedFired, 1) != 0)
        {
            return;
        }

        ThreadPool.UnsafeQueueUserWorkItem(static connection => connection.TellConnectionClosed(), this, preferLocal: false);
    }

    /// <summary>A callback of <see cref="ConnectionClosed"/> threw.</summary>
    protected abstract void OnConnectionClosedFailed(Exception exception);

    private void TellConnectionClosed()
    {
        try
        {
            _closedSource.Cancel();
        }
        catch (AggregateException exception)
        {
            OnConnectionClosedFailed(exception);
        }

        _closedTold.TrySetResult();
    }

    protected virtual void AddFeatures(IFeatureCollection features)
    {
    }

    private FeatureCollection CreateFeatures()
    {
        var features = new FeatureCollection(8);
        features.Set<IConnectionIdFeature>(this);
        features.Set<IConnectionTransportFeature>(this);
        features.Set<IConnectionItemsFeature>(this);
        features.Set<IMemoryPoolFeature>(this);
        features.Set<IConnectionLifetimeFeature>(this);
        features.Set<IConnectionEndPointFeature>(this);
        AddFeatures(features);
        return features;
    }
}
