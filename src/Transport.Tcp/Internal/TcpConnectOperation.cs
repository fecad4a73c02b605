using System.Net;
using Nvmf.EventLoop;
using Nvmf.EventLoop.Native;

namespace Nvmf.Transport.Tcp.Internal;

/// <summary>One connect(2) under way on a loop.</summary>
internal sealed class TcpConnectOperation : IEventLoopHandler, IThreadPoolWorkItem
{
    private readonly TcpTransport _transport;
    private readonly TcpLoop _loop;
    private readonly EndPoint _endPoint;
    private readonly SafeFileDescriptor _socket;
    private readonly CancellationToken _cancellationToken;
    private readonly TaskCompletionSource<TcpConnection> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private EventLoopRegistration _registration;
    private bool _isStarted;
    private bool _isOver;

    private TcpConnectOperation(TcpTransport transport, TcpLoop loop, EndPoint endPoint, SafeFileDescriptor socket, CancellationToken cancellationToken)
    {
        _transport = transport;
        _loop = loop;
        _endPoint = endPoint;
        _socket = socket;
        _cancellationToken = cancellationToken;
    }

    public static async Task<TcpConnection> RunAsync(TcpTransport transport, TcpLoop loop, EndPoint endPoint, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        int result = NativeMethods.CreateStreamSocket(SocketAddresses.Family(endPoint));
        if (result < 0)
        {
            throw SocketErrors.ConnectFailed(endPoint, -result);
        }

        KernelTcpSocket.SetBufferSizes(result, transport.Options);
        var operation = new TcpConnectOperation(transport, loop, endPoint, new SafeFileDescriptor(result), cancellationToken);
        loop.Thread.Post(operation);
        using CancellationTokenRegistration registration =
            cancellationToken.UnsafeRegister(static state => ((TcpConnectOperation)state!).Cancel(), operation);
        return await operation._result.Task.ConfigureAwait(false);
    }

    /// <summary>The first time it starts the connect; a second time comes from a cancellation.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        if (_isStarted)
        {
            if (!_isOver)
            {
                Fail(new OperationCanceledException(_cancellationToken));
            }

            return;
        }

        _isStarted = true;
        if (_loop.Thread.HasEnded)
        {
            OnLoopEnded();
            return;
        }

        int result = NativeMethods.ConnectSocket(_socket.Descriptor, SocketAddresses.ToNative(_endPoint));
        if (result >= 0)
        {
            Succeed();
        }
        else if (result == -Errno.EINPROGRESS)
        {
            _registration = _loop.Thread.Register(_socket, ReadyEvents.Writable, this);
        }
        else
        {
            Fail(SocketErrors.ConnectFailed(_endPoint, -result));
        }
    }

    public void OnReady(ReadyEvents events)
    {
        if (_isOver)
        {
            return;
        }

        int result = NativeMethods.GetOption(_socket.Descriptor, SocketConstants.SOL_SOCKET, SocketConstants.SO_ERROR, out int error);
        if (result < 0)
        {
            error = -result;
        }

        if (error != 0)
        {
            Fail(SocketErrors.ConnectFailed(_endPoint, error));
        }
        else if ((events & ReadyEvents.Writable) != 0)
        {
            Succeed();
        }
    }

    public void OnLoopEnded() => Fail(_loop.Thread.EndedException());

    public void OnFailure(Exception exception) => Fail(exception);

    private void Cancel() => _loop.Thread.Post(this);

    private void Succeed()
    {
        _isOver = true;
        _registration.Unregister();
        TcpConnection connection = _transport.Add(_loop, _socket, _endPoint);
        _result.TrySetResult(connection);
    }

    private void Fail(Exception exception)
    {
        _isOver = true;
        _registration.Unregister();
        _socket.Dispose();
        _result.TrySetException(exception);
    }
}
