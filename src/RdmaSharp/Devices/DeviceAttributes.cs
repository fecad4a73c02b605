using System.Runtime.InteropServices;

namespace RdmaSharp;

/// <summary>Limits and abilities of a device (<c>struct ibv_device_attr</c>, ibv_query_device(3)).</summary>
[StructLayout(LayoutKind.Explicit, Size = 232)]
public readonly struct DeviceAttributes
{
    [FieldOffset(72)] private readonly ulong _systemImageGuid;
    [FieldOffset(80)] private readonly ulong _maxMemoryRegionSize;
    [FieldOffset(96)] private readonly uint _vendorId;
    [FieldOffset(100)] private readonly uint _vendorPartId;
    [FieldOffset(108)] private readonly int _maxQueuePairs;
    [FieldOffset(112)] private readonly int _maxWorkRequests;
    [FieldOffset(116)] private readonly DeviceCapabilities _capabilities;
    [FieldOffset(120)] private readonly int _maxEntries;
    [FieldOffset(128)] private readonly int _maxCompletionQueues;
    [FieldOffset(132)] private readonly int _maxCompletionQueueEntries;
    [FieldOffset(136)] private readonly int _maxMemoryRegions;
    [FieldOffset(140)] private readonly int _maxProtectionDomains;
    [FieldOffset(144)] private readonly int _maxReadAtomicAsResponder;
    [FieldOffset(156)] private readonly int _maxReadAtomicAsInitiator;
    [FieldOffset(212)] private readonly int _maxSharedReceiveQueues;
    [FieldOffset(216)] private readonly int _maxSharedReceiveQueueWorkRequests;
    [FieldOffset(220)] private readonly int _maxSharedReceiveQueueEntries;
    [FieldOffset(227)] private readonly byte _portCount;

    /// <summary>Identifier of the system that the device is in, big-endian (sys_image_guid).</summary>
    public ulong SystemImageGuid => _systemImageGuid;

    /// <summary>Largest memory region, bytes (max_mr_size).</summary>
    public ulong MaxMemoryRegionSize => _maxMemoryRegionSize;

    /// <summary>The vendor (vendor_id).</summary>
    public uint VendorId => _vendorId;

    /// <summary>The vendor's number of the part (vendor_part_id).</summary>
    public uint VendorPartId => _vendorPartId;

    /// <summary>Queue pairs (max_qp).</summary>
    public int MaxQueuePairs => _maxQueuePairs;

    /// <summary>Work requests of a send or receive queue (max_qp_wr).</summary>
    public int MaxWorkRequests => _maxWorkRequests;

    /// <summary>What the device can (device_cap_flags).</summary>
    public DeviceCapabilities Capabilities => _capabilities;

    /// <summary>Scatter/gather entries of a work request (max_sge).</summary>
    public int MaxEntries => _maxEntries;

    /// <summary>Completion queues (max_cq).</summary>
    public int MaxCompletionQueues => _maxCompletionQueues;

    /// <summary>Entries of a completion queue (max_cqe).</summary>
    public int MaxCompletionQueueEntries => _maxCompletionQueueEntries;

    /// <summary>Memory regions (max_mr).</summary>
    public int MaxMemoryRegions => _maxMemoryRegions;

    /// <summary>Protection domains (max_pd).</summary>
    public int MaxProtectionDomains => _maxProtectionDomains;

    /// <summary>RDMA reads and atomics that a queue pair can serve at a time (max_qp_rd_atom).</summary>
    public int MaxReadAtomicAsResponder => _maxReadAtomicAsResponder;

    /// <summary>RDMA reads and atomics that a queue pair can have under way (max_qp_init_rd_atom).</summary>
    public int MaxReadAtomicAsInitiator => _maxReadAtomicAsInitiator;

    /// <summary>Shared receive queues (max_srq).</summary>
    public int MaxSharedReceiveQueues => _maxSharedReceiveQueues;

    /// <summary>Work requests of a shared receive queue (max_srq_wr).</summary>
    public int MaxSharedReceiveQueueWorkRequests => _maxSharedReceiveQueueWorkRequests;

    /// <summary>Scatter/gather entries of a shared receive queue's work request (max_srq_sge).</summary>
    public int MaxSharedReceiveQueueEntries => _maxSharedReceiveQueueEntries;

    /// <summary>Ports (phys_port_cnt).</summary>
    public int PortCount => _portCount;
}
