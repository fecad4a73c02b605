namespace Nvmf.Transport.Rdma.Connections;

/// <summary>A connection's place in the table of its loop.</summary>
/// <param name="Slot">Index.</param>
/// <param name="Generation">20 bits; 0 for nobody.</param>
internal readonly record struct ConnectionHandle(ushort Slot, uint Generation);
