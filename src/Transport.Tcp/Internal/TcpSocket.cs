using System.Net;
using System.Net.Sockets;
using Nvmf.EventLoop;
using Nvmf.EventLoop.Native;

namespace Nvmf.Transport.Tcp.Internal;

/// <summary>
/// The kernel as a connection sees it: everything below this class can be replaced by a model that delays, reorders, refuses or lies.
/// </summary>
/// <remarks>All calls come on the connection's loop, but for copying sends of a pipe. Results are those of the system calls, errors a negative <see cref="Errno"/>.</remarks>
internal abstract unsafe class TcpSocket
{
    public abstract EndPoint? LocalEndPoint { get; }

    public abstract EndPoint? RemoteEndPoint { get; }

    /// <summary>Index of the first zero-copy send: 0 in the real kernel, near the wrap in models.</summary>
    public virtual uint FirstZeroCopyIndex => 0;

    /// <summary>Makes <see cref="Send"/> accept zero-copy sends from now on.</summary>
    public abstract int EnableZeroCopy();

    /// <summary>Bytes taken. A zero-copy send that takes any consumes the next notification index.</summary>
    public abstract nint Send(IoVector* vectors, int count, bool zeroCopy);

    /// <summary>Bytes received, 0 at the end of the stream.</summary>
    public abstract nint Receive(IoVector* vectors, int count);

    /// <summary>Takes the next message off the error queue.</summary>
    /// <returns>1: a notification; 0: a message of another kind, to be ignored; −EAGAIN: the queue is empty.</returns>
    public abstract int ReceiveNotification(out ZeroCopyNotification notification);

    /// <summary>Moves received bytes into a pipe without copying (splice(2)). Bytes moved, 0 at the end of the stream.</summary>
    /// <param name="pipe">Writing end of a pipe.</param>
    /// <param name="length">Most bytes to move.</param>
    /// <returns>−EAGAIN: nothing was received, or the pipe is full.</returns>
    public virtual nint SpliceTo(int pipe, int length) => -Errno.EINVAL;

    /// <summary>Moves bytes out of a pipe into the send queue without copying.</summary>
    /// <param name="pipe">Reading end of a pipe.</param>
    /// <param name="length">Most bytes to move.</param>
    /// <param name="more">More will follow at once: do not send a segment that is not full.</param>
    /// <returns>−EAGAIN: the send queue is full, or the pipe is empty.</returns>
    public virtual nint SpliceFrom(int pipe, int length, bool more) => -Errno.EINVAL;

    /// <summary>Sends FIN behind everything taken so far.</summary>
    public abstract int ShutdownWrites();

    /// <summary>Purges what was taken, resets the peer and keeps the error queue.</summary>
    public abstract int Disconnect();

    /// <summary>Bytes (FIN counts as one) the peer has not acknowledged.</summary>
    public abstract int UnacknowledgedBytes();

    /// <summary>Reads and clears the pending error, as a positive number.</summary>
    public abstract int TakeError();

    public abstract void Register(EventLoopThread loop, ReadyEvents events, IEventLoopHandler handler);

    public abstract void SetEvents(ReadyEvents events);

    public abstract void Unregister();

    /// <summary>A second handle of the socket, for its options; null where there is none. Any thread.</summary>
    public virtual Socket? CreateSocket() => null;

    /// <summary>
    /// Puts a <see cref="Close"/> off until <see cref="LetClose"/>, so that another thread can <see cref="Send"/>. Any thread.
    /// </summary>
    /// <returns>False when it is closed already, or can be used on the loop only.</returns>
    public virtual bool TryKeepOpen() => false;

    /// <summary>Undoes a successful <see cref="TryKeepOpen"/>. Any thread.</summary>
    public virtual void LetClose()
    {
    }

    /// <summary>Closes the descriptor. Proves nothing about memory.</summary>
    public abstract void Close();
}
