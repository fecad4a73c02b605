namespace Nvmf.Transport.Rdma.Connections;

/// <summary>wr_id: slots and generations, never a pointer (invariant I7). A completion of a queue pair that is gone finds nobody.</summary>
/// <remarks>
/// <code>
/// 63              44 43          28 27          20 19  18 17   13 12         0
/// ┌──────────────────┬──────────────┬──────────────┬──────┬───────┬────────────┐
/// │ connection's     │ connection   │ slot's       │ kind │ place │ slot       │
/// │ generation (20)  │ (16)         │ generation(8)│ (2)  │ in    │ (13)       │
/// └──────────────────┴──────────────┴──────────────┴──────┴ chain ┴────────────┘
/// </code>
/// Of a shared receive, connection and its generation are 0: the completion's queue pair number says whose it is.
/// </remarks>
internal readonly record struct WorkRequestId(ulong Value)
{
    public const int MaxSlots = 1 << 13;
    public const int MaxConnections = 1 << 16;
    public const int ConnectionGenerations = 1 << 20;

    public WorkRequestId(ConnectionHandle connection, WorkRequestKind kind, int slot, byte slotGeneration, int place = 0)
        : this(((ulong)connection.Generation << 44) | ((ulong)connection.Slot << 28) | ((ulong)slotGeneration << 20) | ((ulong)kind << 18) | ((ulong)place << 13) | (uint)slot)
    {
    }

    public ConnectionHandle Connection => new((ushort)(Value >> 28), (uint)(Value >> 44));

    public byte SlotGeneration => (byte)(Value >> 20);

    public WorkRequestKind Kind => (WorkRequestKind)((Value >> 18) & 3);

    public int Place => (int)(Value >> 13) & 31;

    public int Slot => (int)Value & (MaxSlots - 1);
}
