using System.Buffers;
using System.IO.Pipelines;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Transport.Tcp.QueuePairs;

/// <content>
/// From the handler into the pipe. A pipe must not be written to while it is being flushed, so what is appended waits in a queue of our own, and its length
/// is what <see cref="UnsentBytes"/> tells.
/// </content>
internal sealed partial class PipeOwnedMemoryChannel
{
    private List<SendItem> _queue = [];
    private List<SendItem> _writing = [];
    private ArrayBufferWriter<byte> _headers = new();
    private ArrayBufferWriter<byte> _writingHeaders = new();
    private long _queuedBytes;
    private long _bytesInFlush;
    private ValueTask<FlushResult> _flush;
    private bool _flushing;
    private bool _outputEnded;
    private bool _transmissionHeld;

    private readonly record struct SendItem(int HeaderLength, BufferLease Data, IOwnedMemorySendOwner? Owner);

    public Span<byte> AppendHeader(int length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, 4096);
        Span<byte> header = _headers.GetSpan(length)[..length];
        if (CanQueue())
        {
            _headers.Advance(length);
            _queue.Add(new SendItem(length, default, null));
            _queuedBytes += length;
        }

        return header;
    }

    public void Append(BufferLease data, IOwnedMemorySendOwner? owner = null)
    {
        if (CanQueue())
        {
            _queue.Add(new SendItem(0, data, owner));
            _queuedBytes += data.Length;
            return;
        }

        data.Release();
        owner?.OnSent(proven: true);
    }

    public void Flush()
    {
        if (_flushing || _outputEnded || _queue.Count == 0 || _output is null)
        {
            return;
        }

        // Owners are told from in here and may append.
        (_queue, _writing) = (_writing, _queue);
        (_headers, _writingHeaders) = (_writingHeaders, _headers);
        _bytesInFlush = _queuedBytes;
        _queuedBytes = 0;
        try
        {
            CopyToPipe(_output);
#pragma warning disable CA2012 // Consumed once, on the loop, by OnFlushCompleted.
            _flush = _output.FlushAsync();
#pragma warning restore CA2012
            _flushing = true;
        }
#pragma warning disable CA1031 // Whatever breaks the pipe breaks the connection.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _bytesInFlush = 0;
            OnOutputEnded(exception);
        }

        EndWriting();
        if (!_flushing)
        {
            return;
        }

        if (_flush.IsCompleted)
        {
            OnFlushCompleted();
        }
        else
        {
            _flush.GetAwaiter().UnsafeOnCompleted(_flushCompleted);
        }
    }

    private void CopyToPipe(PipeWriter output)
    {
        ReadOnlySpan<byte> headers = _writingHeaders.WrittenSpan;
        foreach (SendItem item in _writing)
        {
            if (item.HeaderLength != 0)
            {
                output.Write(headers[..item.HeaderLength]);
                headers = headers[item.HeaderLength..];
            }
            else
            {
                output.Write(item.Data.Span);
            }
        }
    }

    /// <summary>The items being written are copied, or will not be: nothing reads their leases any more.</summary>
    private void EndWriting()
    {
        foreach (SendItem item in _writing)
        {
            item.Data.Release();
            item.Owner?.OnSent(proven: true);
        }

        _writing.Clear();
        _writingHeaders.ResetWrittenCount();
    }

    private bool CanQueue()
    {
        if (_outputEnded)
        {
            return false;
        }

        _transmissionHeld = _transmissionHeld || Lifecycle.TryAcquire(ReferenceKind.Transmission);
        return _transmissionHeld;
    }

    private void OnFlushCompleted()
    {
        _flushing = false;
        Lifecycle.AddProven(_bytesInFlush);
        _bytesInFlush = 0;
        try
        {
            FlushResult result = _flush.GetAwaiter().GetResult();
            if (result.IsCompleted || result.IsCanceled)
            {
                OnOutputEnded(null);
            }
        }
#pragma warning disable CA1031 // Whatever breaks the pipe breaks the connection.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            OnOutputEnded(exception);
        }

        if (_queue.Count > 0)
        {
            Flush();
        }
        else if (_transmissionHeld && !_flushing)
        {
            _transmissionHeld = false;
            Lifecycle.Release(ReferenceKind.Transmission);
        }
    }

    private void OnOutputEnded(Exception? error)
    {
        Lifecycle.BeginTeardown(TeardownCause.ConnectionReset, error);
        DropQueue();
    }

    /// <summary>Nothing more goes out.</summary>
    private void DropQueue()
    {
        _outputEnded = true;
        _queuedBytes = 0;
        _headers.ResetWrittenCount();
        foreach (SendItem item in _queue)
        {
            // Owners cannot append any more: the list stays as it is.
            item.Data.Release();
            item.Owner?.OnSent(proven: true);
        }

        _queue.Clear();
        if (_transmissionHeld && !_flushing)
        {
            _transmissionHeld = false;
            Lifecycle.Release(ReferenceKind.Transmission);
        }
    }
}
