using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;

namespace Nvmf.Transport.Tcp.Internal;

/// <summary>A part of a lease that one zero-copy send carries.</summary>
/// <param name="Lease">Holds one reference.</param>
/// <param name="Bytes">Length of the part.</param>
/// <param name="Owner">Told when the last part of the lease is off the wire; null for the others.</param>
internal readonly record struct LedgerPiece(BufferLease Lease, int Bytes, IOwnedMemorySendOwner? Owner);
