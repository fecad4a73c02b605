namespace Nvmf.Abstractions.Connections;

/// <summary>What a transport can do, as the target must report it in Identify Controller.</summary>
/// <param name="InCapsuleDataSize">Largest in-capsule data of an I/O command in bytes; reported as IOCCSZ = (64 + size) / 16. Admin queues always take 8 KiB on TCP.</param>
/// <param name="MaxDataTransferSize">Largest data transfer of one command in bytes, a power of two ≥ 4096; reported as MDTS.</param>
/// <param name="MaxQueueSize">Largest number of entries of an I/O queue; reported as CAP.MQES + 1.</param>
/// <param name="MaxSglDescriptors">MSDBD: largest number of SGL data descriptors per command.</param>
/// <param name="KeyedSgl">Data is described by keyed SGL descriptors (RDMA).</param>
/// <param name="InCapsuleOffset">An in-capsule SGL may carry an offset (SGLS bit 20).</param>
/// <param name="GathersData">Commands may be completed with data in several pieces, of any <see cref="Buffers.BufferPool"/>.</param>
public readonly record struct QueuePairCapabilities(
    int InCapsuleDataSize,
    int MaxDataTransferSize,
    int MaxQueueSize,
    int MaxSglDescriptors,
    bool KeyedSgl,
    bool InCapsuleOffset,
    bool GathersData = false);
