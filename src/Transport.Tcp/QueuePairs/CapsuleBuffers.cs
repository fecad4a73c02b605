using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Transport.Tcp.QueuePairs;

/// <summary>
/// Buffers for in-capsule data. When the pool is exhausted, receiving pauses (the stream cannot go on without this buffer) until it is this queue pair's turn.
/// On the loop, but for the call by the pool.
/// </summary>
/// <remarks>
/// <code>
/// Idle ──pool empty──► Waiting ──OnRented, posted──► Granted ──TryRent──► Idle
///                        └── Cancel ──► Cancelled: a buffer that still comes goes back at once
/// </code>
/// From the wait to its end the pool's call and the posted message hold an event reference of the lifecycle.
/// </remarks>
internal sealed class CapsuleBuffers(IOwnedMemoryConnectionFeature connection, BufferPool pool) : BufferWaiter, IThreadPoolWorkItem
{
    private bool _waiting;
    private bool _cancelled;
    private BufferLease _granted;

    // Written by the thread that releases memory, read by the loop after the post.
    private BufferLease _onItsWay;

    /// <summary>A buffer that was waited for is here, for the PDU that waited.</summary>
    public bool HasGrant => !_granted.IsEmpty;

    /// <summary>Rents, or pauses receiving and returns false.</summary>
    public bool TryRent(int length, BufferPriority priority, out BufferLease lease)
    {
        if (!_granted.IsEmpty)
        {
            // Receiving paused, so this is the PDU that waited; but the pool, not the peer, must be trusted for that.
            lease = _granted.Length == length ? _granted : throw new InvalidOperationException("The buffer that was waited for has another length.");
            _granted = default;
            return true;
        }

        if (pool.TryRent(length, priority, out lease))
        {
            return true;
        }

        if (!_waiting && connection.Lifecycle.TryAcquire(ReferenceKind.Event))
        {
            if (pool.RentOrWait(length, priority, this, out lease))
            {
                connection.Lifecycle.Release(ReferenceKind.Event);
                return true;
            }

            _waiting = true;
            connection.PauseReceive();
        }

        return false;
    }

    /// <summary>The teardown began: nothing will be received any more.</summary>
    public void Cancel()
    {
        _cancelled = true;
        ReleaseGranted();
        if (_waiting && pool.CancelWait(this))
        {
            _waiting = false;
            connection.Lifecycle.Release(ReferenceKind.Event);
        }
    }

    protected internal override void OnRented(BufferLease lease)
    {
        _onItsWay = lease;
        connection.Post(this);
    }

    void IThreadPoolWorkItem.Execute()
    {
        _waiting = false;
        _granted = _onItsWay;
        _onItsWay = default;
        if (_cancelled)
        {
            ReleaseGranted();
        }
        else
        {
            connection.ResumeReceive();
        }

        connection.Lifecycle.Release(ReferenceKind.Event);
    }

    private void ReleaseGranted()
    {
        _granted.Release();
        _granted = default;
    }
}
