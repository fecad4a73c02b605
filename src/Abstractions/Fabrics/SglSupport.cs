namespace Nvmf.Abstractions.Fabrics;

/// <summary>SGLS of Identify Controller.</summary>
[Flags]
public enum SglSupport : uint
{
    /// <summary>SGLs are not supported.</summary>
    None = 0,

    /// <summary>SGLs are supported, without alignment requirement (value 01b of bits 1:0).</summary>
    Supported = 1u << 0,

    /// <summary>SGLs are supported, with dword alignment and granularity (value 10b of bits 1:0).</summary>
    SupportedDwordAligned = 2u << 0,

    /// <summary>Keyed SGL data block descriptors; RDMA requires it.</summary>
    KeyedDataBlock = 1u << 2,

    /// <summary>Bit bucket descriptors.</summary>
    BitBucket = 1u << 16,

    /// <summary>A byte aligned contiguous metadata buffer.</summary>
    ContiguousMetadata = 1u << 17,

    /// <summary>SGLs longer than the data to be moved.</summary>
    LargerThanData = 1u << 18,

    /// <summary>An SGL as metadata pointer.</summary>
    MetadataSgl = 1u << 19,

    /// <summary>The address of a data block, segment or last segment descriptor may be an offset.</summary>
    AddressAsOffset = 1u << 20,

    /// <summary>Transport SGL data block descriptors.</summary>
    TransportDataBlock = 1u << 21,
}
