using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Transport.Tcp.Internal;

/// <summary>
/// The pipe of a connection for protocols that want one: received bytes are copied into it on the loop, written bytes are sent out of its memory; the
/// application's side runs on the thread pool.
/// </summary>
internal sealed partial class TcpPipe : IOwnedMemoryConnectionHandler, IThreadPoolWorkItem
{
    private readonly TcpConnection _connection;
    private readonly Pipe _input;
    private readonly Pipe _output;
    private readonly Action _onInputFlushed;
    private readonly SendScheduler _sends = new();
    private ConfiguredValueTaskAwaitable<FlushResult>.ConfiguredValueTaskAwaiter _inputFlush;
    private bool _inputEnded;

    public TcpPipe(TcpConnection connection, TcpLoop loop, MemoryPool<byte> memory, TcpTransportOptions options)
    {
        _connection = connection;
        bool isInline = options.UnsafePreferInlineScheduling;
        _input = new Pipe(Options(memory, isInline ? PipeScheduler.Inline : new PoolPipeScheduler(), new LoopPipeScheduler(loop.Thread), options.MaxReadBufferSize));
        _output = new Pipe(Options(memory, isInline ? PipeScheduler.Inline : _sends, isInline ? PipeScheduler.Inline : PipeScheduler.ThreadPool, options.MaxWriteBufferSize));
        Application = new DuplexPipe(_input.Reader, _output.Writer);
        _onInputFlushed = OnInputFlushed;
        _onRead = OnRead;
        _onSent = OnSent;
    }

    public IDuplexPipe Application { get; }

    public int OnReceived(ReadOnlySpan<byte> bytes)
    {
        if (_inputEnded)
        {
            return bytes.Length;
        }

        _sends.OnReceived();
        _input.Writer.Write(bytes);
        if (!TryFlushInput())
        {
            _connection.PauseReceive();
        }

        return bytes.Length;
    }

    /// <returns>False: nobody wants more. True also when receiving is paused until there is room.</returns>
    [SuppressMessage("Reliability", "CA2012:Use ValueTasks correctly", Justification = "The result is taken once, on either of the two ways.")]
    private bool TryFlushInput()
    {
        try
        {
            _inputFlush = _input.Writer.FlushAsync().ConfigureAwait(false).GetAwaiter();
        }
        catch (Exception)
        {
            // As below: a flush that completes at once may throw at once.
            return false;
        }

        if (_inputFlush.IsCompleted)
        {
            return IsReaderThere();
        }

        // First: the callback may come from inside the second call.
        _connection.PauseReceive();
        _inputFlush.UnsafeOnCompleted(_onInputFlushed);
        return true;
    }

    private void OnInputFlushed()
    {
        // An application that completed its reader wants no more: the bytes stay in the kernel until the connection drains.
        if (IsReaderThere() && !_inputEnded)
        {
            _connection.ResumeReceive();
        }
    }

    /// <summary>Takes the result of a flush.</summary>
    private bool IsReaderThere()
    {
        try
        {
            return !_inputFlush.GetResult().IsCompleted;
        }
        catch (Exception)
        {
            // What the application completed its reader with is thrown here. That is no fault of the connection, and its writer may have an answer to send.
            return false;
        }
    }

    public void OnReceivedInto(BufferLease destination)
    {
    }

    public void OnBatchEnd()
    {
    }

    public void OnPeerClosed(Exception? error) => EndInput(error);

    public void OnQuiescing(TeardownCause cause)
    {
        Exception? reason = _connection.AbortReason;
        if (reason is null && cause != TeardownCause.LocalClose)
        {
            reason = new ConnectionAbortedException($"The connection was closed: {cause}.");
        }

        EndInput(reason);
        _output.Reader.CancelPendingRead();
    }

    public void OnClosed(DrainReport report)
    {
    }

    /// <summary>Completes the ends the application was given, whatever it put into their place. Any thread.</summary>
    public void CompleteApplicationSide()
    {
        _input.Reader.Complete();
        _output.Writer.Complete();
    }

    private static PipeOptions Options(MemoryPool<byte> memory, PipeScheduler reader, PipeScheduler writer, long? limit) =>
        new(memory, reader, writer, limit ?? 0, (limit ?? 0) / 2, useSynchronizationContext: false);

    private void EndInput(Exception? error)
    {
        if (_inputEnded)
        {
            return;
        }

        _inputEnded = true;
        _input.Writer.Complete(error);
    }
}
