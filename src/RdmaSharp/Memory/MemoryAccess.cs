namespace RdmaSharp;

/// <summary>Who may do what with a memory region; the adapter may always read it locally (<c>enum ibv_access_flags</c>).</summary>
[Flags]
public enum MemoryAccess
{
    /// <summary>Read by the adapter: send buffers, sources of RDMA writes.</summary>
    LocalRead = 0,

    /// <summary>Written by the adapter: receive buffers, targets of RDMA reads.</summary>
    LocalWrite = 1,

    /// <summary>Target of the peer's RDMA writes; needs <see cref="LocalWrite"/>.</summary>
    RemoteWrite = 2,

    /// <summary>Source of the peer's RDMA reads.</summary>
    RemoteRead = 4,

    /// <summary>Target of the peer's atomic operations; needs <see cref="LocalWrite"/>.</summary>
    RemoteAtomic = 8,

    /// <summary>Memory windows may be bound to it.</summary>
    MemoryWindowBind = 16,

    /// <summary>Remote addresses are offsets from the region's start.</summary>
    ZeroBased = 32,

    /// <summary>Pages are not pinned but faulted in.</summary>
    OnDemand = 64,

    /// <summary>The memory is in huge pages (on-demand registration).</summary>
    HugePages = 128,

    /// <summary>Writes of one connection may become visible in any order.</summary>
    RelaxedOrdering = 1048576,
}
