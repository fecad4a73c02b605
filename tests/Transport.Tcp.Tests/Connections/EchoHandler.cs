using Microsoft.AspNetCore.Connections;
using Nvmf.Abstractions.Buffers;

namespace Nvmf.Transport.Tcp.Tests.Connections;

/// <summary>Sends every byte back, in leases of at most <paramref name="largest"/> bytes.</summary>
internal sealed class EchoHandler(ConnectionContext connection, BufferPool pool, int largest = 64 << 10) : RecordingHandler(connection)
{
    public override int OnReceived(ReadOnlySpan<byte> bytes)
    {
        for (ReadOnlySpan<byte> rest = bytes; !rest.IsEmpty;)
        {
            int part = Math.Min(rest.Length, largest);
            if (!pool.TryRent(part, BufferPriority.InputOutput, out BufferLease lease))
            {
                throw new InvalidOperationException("The pool is exhausted.");
            }

            rest[..part].CopyTo(lease.Span);
            Feature.Append(lease);
            rest = rest[part..];
        }

        return base.OnReceived(bytes);
    }
}
