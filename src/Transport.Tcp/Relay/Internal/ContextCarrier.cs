using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;

namespace Nvmf.Transport.Tcp.Relay.Internal;

/// <summary>
/// A connection by its pipe: TLS, Kestrel's Sockets transport, anything. A pipe that is completed for writing ends the whole connection, so FIN towards it
/// also ends what it sends; and its owner disposes it.
/// </summary>
internal sealed class ContextCarrier(ConnectionContext connection) : RelayCarrier
{
    private readonly PipeReader _input = connection.Transport.Input;
    private readonly PipeWriter _output = connection.Transport.Output;
    private bool _writesEnded;

    public override EndPoint? RemoteEndPoint => connection.RemoteEndPoint;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            ReadResult result = await _input.ReadAsync(cancellationToken).ConfigureAwait(false);
            ReadOnlySequence<byte> bytes = result.Buffer;
            if (result.IsCanceled && bytes.IsEmpty)
            {
                throw new ConnectionAbortedException("The connection is being closed.");
            }

            if (bytes.Length > buffer.Length)
            {
                bytes = bytes.Slice(0, buffer.Length);
            }

            int length = (int)bytes.Length;
            bytes.CopyTo(buffer.Span);
            _input.AdvanceTo(bytes.End);
            return length;
        }
        catch (ConnectionAbortedException) when (_writesEnded)
        {
            return 0;
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        FlushResult result = await _output.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
        if (result.IsCompleted)
        {
            throw new ConnectionResetException("The connection takes no more bytes.");
        }
    }

    public override ValueTask EndWritesAsync()
    {
        _writesEnded = true;
        return _output.CompleteAsync();
    }

    public override void Reset() => connection.Abort(new ConnectionAbortedException("The relay was reset."));

    public override ValueTask CloseAsync() => ValueTask.CompletedTask;
}
