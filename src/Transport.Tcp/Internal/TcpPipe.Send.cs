using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Transport.Tcp.Internal;

/// <summary>
/// Sends what the application writes. Holds a command reference, so that a graceful close waits (until T1) for the pipe to run dry.
/// </summary>
/// <remarks>
/// <code>
///  reading ──► sending from the thread that flushed ──► all taken: give the bytes back, read on
///                  │ socket full, zero-copy, closing
///                  └──► sending on the loop ──► when nothing is left to send: give the bytes back, read on
/// </code>
/// One thread at a time is in here: whichever completes the read, then the loop until it has nothing left to send. What the kernel has by reference goes
/// back to the memory pool when it lets go, which nobody waits for here.
/// </remarks>
internal sealed partial class TcpPipe
{
    private readonly Action _onRead;
    private readonly Action _onSent;
    private ConfiguredValueTaskAwaitable<ReadResult>.ConfiguredValueTaskAwaiter _read;
    private ReadOnlySequence<byte> _unsent;
    private SequencePosition _consumed;
    private bool _isStarted;
    private bool _isLastRead;
    private bool _isEnded;

    /// <summary>Any thread, once.</summary>
    public void Start()
    {
        QueuePairLifecycle lifecycle = _connection.Lifecycle;
        if (lifecycle.TryGoLive() && lifecycle.TryAcquire(ReferenceKind.Command))
        {
            _connection.Post(this);
        }
        else
        {
            _output.Reader.Complete();
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        if (_isStarted)
        {
            OnRestPosted();
            return;
        }

        _isStarted = true;
        ReadMore();
    }

    private void ReadMore()
    {
        while (TryRead() && TrySend())
        {
        }
    }

    [SuppressMessage("Reliability", "CA2012:Use ValueTasks correctly", Justification = "One read at a time; its result is taken once, in TrySend.")]
    private bool TryRead()
    {
        try
        {
            _read = _output.Reader.ReadAsync().ConfigureAwait(false).GetAwaiter();
        }
        catch (Exception exception)
        {
            End(exception);
            return false;
        }

        if (_read.IsCompleted)
        {
            return true;
        }

        _read.UnsafeOnCompleted(_onRead);
        return false;
    }

    private void OnRead()
    {
        if (TrySend())
        {
            ReadMore();
        }
    }

    /// <returns>True when the kernel took everything and there may be more to read.</returns>
    private bool TrySend()
    {
        try
        {
            ReadResult result = _read.GetResult();
            _unsent = result.Buffer;
            _consumed = result.Buffer.End;
            _isLastRead = result.IsCompleted || result.IsCanceled;
        }
        catch (Exception exception)
        {
            // The application completed its writer with an exception.
            End(exception);
            return false;
        }

        if (_connection.IsOnLoop)
        {
            return TrySendOnLoop();
        }

        long sent = _connection.SendDirectly(_unsent);
        if (sent == _unsent.Length)
        {
            return Advance();
        }

        _unsent = _unsent.Slice(sent);
        _connection.Post(this);
        return false;
    }

    private void OnRestPosted()
    {
        if (TrySendOnLoop())
        {
            ReadMore();
        }
    }

    private bool TrySendOnLoop()
    {
        int length = (int)Math.Min(_unsent.Length, int.MaxValue);
        foreach (ReadOnlyMemory<byte> segment in _unsent)
        {
            if (BufferLease.TryFrom(segment, out BufferLease lease))
            {
                _connection.AppendBorrowed(lease, length);
            }
            else
            {
                Copy(segment.Span);
            }
        }

        _connection.Flush();
        if (_connection.UnsentBytes == 0)
        {
            return Advance();
        }

        _connection.NotifyWhenSent(_onSent);
        return false;
    }

    /// <summary>Memory that is not of our pool: the kernel could not be trusted with it.</summary>
    private void Copy(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int part = Math.Min(bytes.Length, HeaderStaging.BlockSize);
            bytes[..part].CopyTo(_connection.AppendHeader(part));
            bytes = bytes[part..];
        }
    }

    private void OnSent()
    {
        if (Advance())
        {
            ReadMore();
        }
    }

    private bool Advance()
    {
        _unsent = default;
        if (_isLastRead || _connection.IsAborting)
        {
            // Without advancing first: a flush that waits for room must not hear that there is some.
            End(null);
            return false;
        }

        _output.Reader.AdvanceTo(_consumed);
        if (_connection.IsDraining)
        {
            EndDrained();
            return false;
        }

        return true;
    }

    /// <summary>T1 has passed. A FIN behind a part of what was written would make it look like the whole.</summary>
    private void EndDrained()
    {
        bool isCutOff;
        try
        {
            isCutOff = _output.Reader.TryRead(out ReadResult rest) && !rest.Buffer.IsEmpty;
        }
        catch (Exception)
        {
            // What the application completed its writer with.
            isCutOff = true;
        }

        if (isCutOff)
        {
            _connection.AbortBecause(TeardownCause.TimedOut, new ConnectionAbortedException("Written bytes could not be sent in time."));
        }

        End(null);
    }

    /// <param name="error">What the application completed its writer with. Ends of other kinds come up as a completed flush.</param>
    private void End(Exception? error)
    {
        _isEnded = true;
        _output.Reader.Complete(error);
        if (_detached is not null)
        {
            EndDetached(error);
            return;
        }

        if (error is null)
        {
            _connection.Lifecycle.BeginTeardown(TeardownCause.LocalClose);
        }
        else
        {
            _connection.AbortBecause(TeardownCause.LocalClose, error);
        }

        _connection.Lifecycle.Release(ReferenceKind.Command);
    }
}
