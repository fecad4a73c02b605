using System.Buffers;
using System.IO.Pipelines;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Transport.Tcp.QueuePairs;

/// <content>From the pipe, by way of a linear buffer or straight into a lease, to the handler.</content>
internal sealed partial class PipeOwnedMemoryChannel
{
    // The handler may leave 64 KiB; the rest keeps the number of copies of a left-over byte small.
    private const int BufferSize = 128 << 10;

    private byte[] _buffer = [];
    private int _start;
    private int _end;
    private BufferLease _into;
    private int _intoFilled;
    private ValueTask<ReadResult> _read;
    private bool _reading;
    private bool _paused;
    private bool _readingEnded;
    private bool _swallow;

    public void ReceiveInto(BufferLease destination)
    {
        if (!_into.IsEmpty)
        {
            throw new InvalidOperationException("Another ReceiveInto is under way.");
        }

        _into = destination.Retain();
        _intoFilled = 0;
    }

    public void PauseReceive() => _paused = true;

    public void ResumeReceive()
    {
        if (_paused)
        {
            _paused = false;
            _executor.Post(() =>
            {
                ReadOnlySequence<byte> nothing = default;
                DeliverSafely(ref nothing);
                Read();
            });
        }
    }

    private void StartReading()
    {
        _input = _context.Transport.Input;
        _output = _context.Transport.Output;
        _buffer = new byte[BufferSize];
        if (_readingEnded)
        {
            ReleaseReading();
            return;
        }

        Read();
    }

    private void Read()
    {
        if (_reading || _readingEnded || _paused || _input is null)
        {
            return;
        }

        try
        {
#pragma warning disable CA2012 // Consumed once, on the loop, by OnReadCompleted: an await would need a state machine per read.
            _read = _input.ReadAsync();
#pragma warning restore CA2012
        }
#pragma warning disable CA1031 // Whatever breaks the pipe breaks the connection. Here and below: pipes of aborted connections throw from every call.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            OnInputEnded(exception);
            return;
        }

        _reading = true;
        if (_read.IsCompleted)
        {
            _executor.Post(OnReadCompleted);
        }
        else
        {
            _read.GetAwaiter().UnsafeOnCompleted(_readCompleted);
        }
    }

    private void OnReadCompleted()
    {
        _reading = false;
        try
        {
            ReadResult result = _read.GetAwaiter().GetResult();
            ReadOnlySequence<byte> bytes = result.Buffer;
            if (!_readingEnded)
            {
                DeliverSafely(ref bytes);
            }

            bool more = !bytes.IsEmpty;
            _input!.AdvanceTo(bytes.Start);
            if (result.IsCompleted && !more)
            {
                OnInputEnded(null);
                return;
            }
        }
#pragma warning disable CA1031
        catch (Exception exception)
#pragma warning restore CA1031
        {
            OnInputEnded(exception);
            return;
        }

        if (_readingEnded)
        {
            ReleaseReading();
        }
        else
        {
            Read();
        }
    }

    private void OnInputEnded(Exception? error)
    {
        if (!_readingEnded)
        {
            _readingEnded = true;
            Lifecycle.BeginTeardown(error is null ? TeardownCause.HostClosed : TeardownCause.ConnectionReset, error);
            _handler!.OnPeerClosed(error);
            if (error is not null)
            {
                Lifecycle.Abort();
            }
        }

        ReleaseReading();
    }

    /// <summary>Reads no more, and gives the reference of reading back as soon as no read is under way.</summary>
    private void StopReading()
    {
        if (_readingEnded)
        {
            return;
        }

        _readingEnded = true;
        if (_reading)
        {
            _input!.CancelPendingRead();
        }
        else if (_input is not null)
        {
            ReleaseReading();
        }
    }

    private void ReleaseReading()
    {
        _into.Release();
        _into = default;
        Lifecycle.Release(ReferenceKind.Registration);
    }

    /// <summary>A handler that throws ends its connection, which goes on reading until the drain, and swallows what it reads.</summary>
    private void DeliverSafely(ref ReadOnlySequence<byte> bytes)
    {
        if (!_swallow)
        {
            try
            {
                Deliver(ref bytes);
                return;
            }
#pragma warning disable CA1031
            catch (Exception exception)
#pragma warning restore CA1031
            {
                _swallow = true;
                Lifecycle.BeginTeardown(TeardownCause.InternalError, exception);
            }
        }

        bytes = bytes.Slice(bytes.End);
    }

    /// <summary>Gives the handler what it can take of the buffer and of <paramref name="bytes"/>; takes what it took off both.</summary>
    private void Deliver(ref ReadOnlySequence<byte> bytes)
    {
        while (!_paused && !_readingEnded)
        {
            if (!_into.IsEmpty)
            {
                if (!Fill(ref bytes))
                {
                    return;
                }

                BufferLease full = _into;
                _into = default;
                _handler!.OnReceivedInto(full);
                full.Release();
                continue;
            }

            int added = TopUp(ref bytes);
            if (_start == _end)
            {
                return;
            }

            int consumed = _handler!.OnReceived(_buffer.AsSpan(_start.._end));
            _start += consumed;
            if (consumed == 0 && added == 0 && _into.IsEmpty)
            {
                if (!bytes.IsEmpty && !_paused)
                {
                    throw new InvalidOperationException($"The handler left {BufferSize} bytes unconsumed.");
                }

                return;
            }
        }
    }

    private int TopUp(ref ReadOnlySequence<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return 0;
        }

        if (_start > 0)
        {
            _buffer.AsSpan(_start.._end).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        int length = (int)Math.Min(bytes.Length, _buffer.Length - _end);
        bytes.Slice(0, length).CopyTo(_buffer.AsSpan(_end));
        bytes = bytes.Slice(length);
        _end += length;
        return length;
    }

    private bool Fill(ref ReadOnlySequence<byte> bytes)
    {
        Span<byte> room = _into.Span[_intoFilled..];
        int buffered = Math.Min(room.Length, _end - _start);
        _buffer.AsSpan(_start, buffered).CopyTo(room);
        _start += buffered;
        int fromPipe = (int)Math.Min(room.Length - buffered, bytes.Length);
        bytes.Slice(0, fromPipe).CopyTo(room[buffered..]);
        bytes = bytes.Slice(fromPipe);
        _intoFilled += buffered + fromPipe;
        return _intoFilled == _into.Length;
    }
}
