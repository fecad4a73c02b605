using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Transport.Tcp.Relay.Internal;

/// <summary>A relay between carriers that have no socket on one of our loops: reads, and writes what it read.</summary>
/// <remarks>The states are those of <see cref="LoopRelay"/>. One transmission and one registration are held until both directions have ended.</remarks>
internal sealed class CopyingRelay : SpliceRelay, IQueuePairStages, IDisposable
{
    private readonly SpliceRelayFactory _factory;
    private readonly RelayCarrier _downstream;
    private readonly RelayCarrier _upstream;
    private readonly ReadOnlyMemory<byte> _first;
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _abort = new();
    private readonly ITimer? _idle;
    private long _toUpstream;
    private long _toDownstream;

    public CopyingRelay(string id, SpliceRelayFactory factory, RelayCarrier downstream, RelayCarrier upstream, ReadOnlyMemory<byte> first) : base(id)
    {
        _factory = factory;
        _downstream = downstream;
        _upstream = upstream;
        _first = first;
        Lifecycle = new QueuePairLifecycle(id, this, factory.Options.DrainDeadlines, factory.Options.TimeProvider);
        Lifecycle.TryAcquire(ReferenceKind.Transmission);
        Lifecycle.TryAcquire(ReferenceKind.Registration);
        if (factory.Options.IdleTimeout != Timeout.InfiniteTimeSpan)
        {
            _idle = factory.Options.TimeProvider.CreateTimer(_ => OnIdle(), null, factory.Options.IdleTimeout, Timeout.InfiniteTimeSpan);
        }
    }

    public override QueuePairLifecycle Lifecycle { get; }

    public override EndPoint? Downstream => _downstream.RemoteEndPoint;

    public override EndPoint? Upstream => _upstream.RemoteEndPoint;

    public override bool IsSplicing => false;

    public override long BytesUpstream => Interlocked.Read(ref _toUpstream);

    public override long BytesDownstream => Interlocked.Read(ref _toDownstream);

    /// <summary>Once.</summary>
    public void Start()
    {
        Interlocked.Increment(ref _factory.CopyingCounters.RelaysOpened);
        Lifecycle.TryGoLive();
        _ = RunAsync();
    }

    // Nothing happens in Quiescing: an abort that follows at once must not find a FIN sent.
    void IQueuePairStages.OnQuiescing(TeardownCause cause)
    {
    }

    void IQueuePairStages.OnDraining() => _stop.Cancel();

    void IQueuePairStages.OnAborting()
    {
        _abort.Cancel();
        _stop.Cancel();
        ResetQuietly(_downstream);
        ResetQuietly(_upstream);
    }

    void IQueuePairStages.OnAbandoned()
    {
    }

    void IQueuePairStages.OnDestroy()
    {
        _factory.Remove(this);
        Dispose();
    }

    /// <summary>By the last release.</summary>
    public void Dispose()
    {
        _stop.Dispose();
        _abort.Dispose();
    }

    private async Task RunAsync()
    {
        Task up = Task.Run(() => CopyAsync(_downstream, _upstream, _first, upstream: true));
        Task down = Task.Run(() => CopyAsync(_upstream, _downstream, default, upstream: false));
        await Task.WhenAll(up, down).ConfigureAwait(false);
        if (_idle is not null)
        {
            await _idle.DisposeAsync().ConfigureAwait(false);
        }

        if (Lifecycle.Cause == TeardownCause.None)
        {
            Lifecycle.BeginTeardown(TeardownCause.HostClosed);
        }

        await _upstream.CloseAsync().ConfigureAwait(false);
        await _downstream.CloseAsync().ConfigureAwait(false);
        Lifecycle.Release(ReferenceKind.Transmission);
        Lifecycle.Release(ReferenceKind.Registration);
    }

    private async Task CopyAsync(RelayCarrier source, RelayCarrier target, ReadOnlyMemory<byte> first, bool upstream)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(_factory.Options.CopyBufferSize);
        try
        {
            if (!first.IsEmpty)
            {
                await WriteAsync(target, first, upstream).ConfigureAwait(false);
            }

            int length;
            while ((length = await ReadAsync(source, buffer).ConfigureAwait(false)) > 0)
            {
                await WriteAsync(target, buffer.AsMemory(0, length), upstream).ConfigureAwait(false);
            }

            await target.EndWritesAsync().ConfigureAwait(false);
        }
        catch (Exception error)
        {
            await BreakAsync(CauseOf(error), error).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async ValueTask<int> ReadAsync(RelayCarrier source, byte[] buffer)
    {
        try
        {
            return await source.ReadAsync(buffer, _stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!_abort.IsCancellationRequested)
        {
            // Closed by us: what was read has been written, and FIN follows it.
            return 0;
        }
    }

    private async ValueTask WriteAsync(RelayCarrier target, ReadOnlyMemory<byte> bytes, bool upstream)
    {
        await target.WriteAsync(bytes, _abort.Token).ConfigureAwait(false);
        Interlocked.Add(ref upstream ? ref _toUpstream : ref _toDownstream, bytes.Length);
        Interlocked.Add(ref _factory.CopyingCounters.BytesCopied, bytes.Length);
        if (_stop.IsCancellationRequested)
        {
            Lifecycle.AddProven(bytes.Length);
        }

        _idle?.Change(_factory.Options.IdleTimeout, Timeout.InfiniteTimeSpan);
    }

    private void OnIdle() =>
        _ = BreakAsync(TeardownCause.TimedOut, new TimeoutException($"No byte was relayed for {_factory.Options.IdleTimeout}."));

    /// <summary>The other direction must learn of the abort before it learns of the stop, which it would answer with FIN.</summary>
    private async Task BreakAsync(TeardownCause cause, Exception error)
    {
        await _abort.CancelAsync().ConfigureAwait(false);
        Lifecycle.BeginTeardown(cause, error);
        Lifecycle.Abort();
    }

    private static TeardownCause CauseOf(Exception error) =>
        error is ConnectionResetException or ConnectionAbortedException or IOException or SocketException or ObjectDisposedException or OperationCanceledException
            ? TeardownCause.ConnectionReset
            : TeardownCause.InternalError;

    private static void ResetQuietly(RelayCarrier carrier)
    {
        try
        {
            carrier.Reset();
        }
        catch (Exception error) when (error is ObjectDisposedException or SocketException)
        {
            // It is gone already.
        }
    }
}
