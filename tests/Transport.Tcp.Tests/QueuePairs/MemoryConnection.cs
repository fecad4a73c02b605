using System.Buffers;
using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Transport.Tcp.Tests.QueuePairs;

/// <summary>
/// An <see cref="IOwnedMemoryConnectionFeature"/> without a network. The test's thread is the loop: it feeds bytes in, and finds what was sent. Sends are
/// proven at once, or when the test says so (<see cref="HoldProof"/>): the virtual kernel of a zero-copy send.
/// </summary>
internal sealed class MemoryConnection : IOwnedMemoryConnectionFeature, IQueuePairStages
{
    private readonly int _loopThread = Environment.CurrentManagedThreadId;
    private readonly ConcurrentQueue<Action> _posted = new();
    private readonly List<(BufferLease Lease, byte[]? Header, int Length, IOwnedMemorySendOwner? Owner)> _queue = [];
    private readonly Queue<(BufferLease Lease, IOwnedMemorySendOwner? Owner)> _unproven = new();
    private readonly ArrayBufferWriter<byte> _sent = new();
    private byte[] _input = new byte[4096];
    private int _start;
    private int _end;
    private BufferLease _into;
    private int _intoFilled;
    private IOwnedMemoryConnectionHandler? _handler;
    private bool _closedTold;

    public MemoryConnection(DrainDeadlines? deadlines = null, TimeProvider? timeProvider = null)
    {
        Lifecycle = new QueuePairLifecycle("memory", this, deadlines ?? DrainDeadlines.Default, timeProvider);
        Context = new DefaultConnectionContext("memory");
        Context.Features.Set<IOwnedMemoryConnectionFeature>(this);
    }

    public DefaultConnectionContext Context { get; }

    public QueuePairLifecycle Lifecycle { get; }

    public bool IsOnLoop => Environment.CurrentManagedThreadId == _loopThread;

    public bool Paused { get; private set; }

    /// <summary>The kernel accepts nothing: a host that does not read.</summary>
    public bool WindowClosed { get; set; }

    /// <summary>Bytes leave, but the proof of it waits for <see cref="Prove"/>.</summary>
    public bool HoldProof { get; set; }

    /// <summary>Received bytes can be lent, as a transport with counted receive buffers does: as leases of this pool.</summary>
    public BufferPool? LendsFrom { get; set; }

    public int Loans { get; private set; }

    public bool ReceivingInto => !_into.IsEmpty;

    public int ReceiveIntoCalls { get; private set; }

    public long UnsentBytes => _queue.Sum(item => (long)item.Length);

    public bool IsClosed => _closedTold;

    /// <summary>Bytes sent since the last call.</summary>
    public byte[] TakeSent()
    {
        byte[] sent = _sent.WrittenSpan.ToArray();
        _sent.ResetWrittenCount();
        return sent;
    }

    public void Post(IThreadPoolWorkItem item) => _posted.Enqueue(item.Execute);

    public void Attach(IOwnedMemoryConnectionHandler handler) => _handler = handler;

    public void ReceiveInto(BufferLease destination)
    {
        Assert.True(_into.IsEmpty);
        _into = destination.Retain();
        _intoFilled = 0;
        ReceiveIntoCalls++;
    }

    public bool TryLend(ReadOnlySpan<byte> received, out BufferLease lease)
    {
        lease = default;
        if (LendsFrom is null || !LendsFrom.TryRent(received.Length, BufferPriority.InputOutput, out lease))
        {
            return false;
        }

        Assert.True(_input.AsSpan(_start.._end).Overlaps(received), "Only bytes of the present batch can be lent.");
        received.CopyTo(lease.Span);
        Loans++;
        return true;
    }

    public void PauseReceive() => Paused = true;

    public void ResumeReceive()
    {
        Paused = false;
        _posted.Enqueue(() => { });
    }

    public Span<byte> AppendHeader(int length)
    {
        Assert.InRange(length, 1, 4096);
        Assert.True(Lifecycle.State <= QueuePairState.Quiescing, "Nothing may be appended once the drain has begun.");
        byte[] header = new byte[length];
        header.AsSpan().Fill(0xEE);
        _queue.Add((default, header, length, null));
        return header;
    }

    public void Append(BufferLease data, IOwnedMemorySendOwner? owner = null)
    {
        Assert.True(Lifecycle.TryAcquire(ReferenceKind.Transmission));
        _queue.Add((data, null, data.Length, owner));
    }

    public void Flush()
    {
        if (WindowClosed)
        {
            return;
        }

        foreach ((BufferLease lease, byte[]? header, _, IOwnedMemorySendOwner? owner) in _queue.ToArray())
        {
            _sent.Write(header is null ? lease.Span : header);
            if (header is null)
            {
                _unproven.Enqueue((lease, owner));
            }
        }

        _queue.Clear();
        if (!HoldProof)
        {
            Prove();
        }
    }

    /// <summary>The kernel no longer references what was sent.</summary>
    public void Prove()
    {
        while (_unproven.TryDequeue(out (BufferLease Lease, IOwnedMemorySendOwner? Owner) item))
        {
            item.Lease.Release();
            item.Owner?.OnSent(proven: true);
            Lifecycle.Release(ReferenceKind.Transmission);
        }
    }

    /// <summary>The proof never comes: what the last deadline of a drain does.</summary>
    public void Abandon()
    {
        while (_unproven.TryDequeue(out (BufferLease Lease, IOwnedMemorySendOwner? Owner) item))
        {
            item.Lease.Quarantine();
            item.Owner?.OnSent(proven: false);
            Lifecycle.Release(ReferenceKind.Transmission);
        }
    }

    /// <summary>Bytes arrive; the loop runs until nothing is left to do.</summary>
    public void Feed(ReadOnlySpan<byte> bytes)
    {
        if (_start > 0 && _end + bytes.Length > _input.Length)
        {
            _input.AsSpan(_start.._end).CopyTo(_input);
            (_start, _end) = (0, _end - _start);
        }

        if (_end + bytes.Length > _input.Length)
        {
            Array.Resize(ref _input, 2 * (_end + bytes.Length));
        }

        bytes.CopyTo(_input.AsSpan(_end));
        _end += bytes.Length;
        Run();
    }

    /// <summary>The peer closes its end.</summary>
    public void FeedEnd(Exception? error = null)
    {
        Lifecycle.BeginTeardown(error is null ? TeardownCause.HostClosed : TeardownCause.ConnectionReset, error);
        _handler!.OnPeerClosed(error);
        if (error is not null)
        {
            Lifecycle.Abort();
        }

        Run();
    }

    /// <summary>One turn after the other until nothing is left to do.</summary>
    public void Run()
    {
        do
        {
            while (_posted.TryDequeue(out Action? item))
            {
                item();
            }

            Deliver();
            _handler?.OnBatchEnd();
            Flush();
        }
        while (!_posted.IsEmpty);

        if (Lifecycle.Completion.IsCompleted && !_closedTold)
        {
            _closedTold = true;
            _handler?.OnClosed(Lifecycle.Completion.Result);
        }
    }

    void IQueuePairStages.OnQuiescing(TeardownCause cause) => PostStage(() => _handler?.OnQuiescing(cause));

    void IQueuePairStages.OnDraining() => PostStage(() => Flush());

    void IQueuePairStages.OnAborting() => PostStage(() =>
    {
        foreach ((BufferLease lease, byte[]? header, _, IOwnedMemorySendOwner? owner) in _queue.ToArray())
        {
            if (header is null)
            {
                _unproven.Enqueue((lease, owner));
            }
        }

        _queue.Clear();
        Prove();
    });

    void IQueuePairStages.OnAbandoned()
    {
    }

    void IQueuePairStages.OnDestroy()
    {
        _into.Release();
        _into = default;
    }

    private void PostStage(Action stage)
    {
        if (Lifecycle.TryAcquire(ReferenceKind.Event))
        {
            _posted.Enqueue(() =>
            {
                stage();
                Lifecycle.Release(ReferenceKind.Event);
            });
        }
    }

    private void Deliver()
    {
        while (!Paused && _handler is not null && !Lifecycle.Completion.IsCompleted)
        {
            if (!_into.IsEmpty)
            {
                int length = Math.Min(_into.Length - _intoFilled, _end - _start);
                _input.AsSpan(_start, length).CopyTo(_into.Span[_intoFilled..]);
                _intoFilled += length;
                _start += length;
                if (_intoFilled < _into.Length)
                {
                    return;
                }

                BufferLease full = _into;
                _into = default;
                _handler.OnReceivedInto(full);
                full.Release();
                continue;
            }

            if (_start == _end)
            {
                return;
            }

            int consumed = _handler.OnReceived(_input.AsSpan(_start.._end));
            Assert.InRange(consumed, 0, _end - _start);
            _start += consumed;
            if (consumed == 0 && _into.IsEmpty)
            {
                Assert.True(Paused || _end - _start <= 64 << 10, "More than 64 KiB were left unconsumed.");
                return;
            }
        }
    }
}
