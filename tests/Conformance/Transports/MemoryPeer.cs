using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace Nvmf.Conformance.Tests.Transports;

internal sealed class MemoryPeer(ConnectionContext connection) : Peer
{
    public override async Task SendAsync(ReadOnlyMemory<byte> bytes) => await connection.Transport.Output.WriteAsync(bytes);

    public override async Task<int> ReceiveAsync(Memory<byte> buffer)
    {
        ReadResult result;
        try
        {
            result = await connection.Transport.Input.ReadAsync();
        }
        catch (ConnectionAbortedException exception)
        {
            throw new IOException(exception.Message, exception);
        }

        ReadOnlySequence<byte> part = result.Buffer.Slice(0, Math.Min(buffer.Length, result.Buffer.Length));
        int length = (int)part.Length;
        part.CopyTo(buffer.Span);
        connection.Transport.Input.AdvanceTo(part.End);
        return length;
    }

    public override async Task ShutdownAsync() => await connection.Transport.Output.CompleteAsync();

    public override Task ResetAsync()
    {
        connection.Abort(new ConnectionAbortedException("The peer broke the connection off."));
        return Task.CompletedTask;
    }

    public override ValueTask DisposeAsync() => connection.DisposeAsync();
}
