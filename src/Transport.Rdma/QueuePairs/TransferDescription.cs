using System.Runtime.InteropServices;
using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Transport.Rdma.QueuePairs;

/// <summary>What the SGL of a command says about its data, and whether NVMe/RDMA allows it.</summary>
/// <param name="Status">Success, or the status the command deserves.</param>
/// <param name="Length">Bytes of data.</param>
/// <param name="InCapsuleOffset">Where in the capsule's data they begin.</param>
/// <param name="InCapsule">The data is in the capsule.</param>
/// <param name="Descriptors">Keyed descriptors.</param>
/// <param name="Segment">They are in the capsule's data, at <paramref name="InCapsuleOffset"/>, rather than in the entry.</param>
internal readonly record struct TransferDescription(NvmeStatus Status, uint Length, int InCapsuleOffset, bool InCapsule, int Descriptors, bool Segment)
{
    private const int DescriptorSize = 16;

    /// <summary>Reads the entry's descriptor, and the segment it may point to. Pure.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="capsuleData">What follows the entry in the capsule.</param>
    /// <param name="maxTransfer">Largest data transfer of one command.</param>
    /// <param name="maxDescriptors">Largest number of descriptors.</param>
    public static TransferDescription Of(in SubmissionQueueEntry entry, ReadOnlySpan<byte> capsuleData, uint maxTransfer, int maxDescriptors)
    {
        if (!entry.UsesSgl())
        {
            return Refuse(NvmeStatus.InvalidField);
        }

        DataDirection direction = entry.GetDataDirection();
        return entry.Sgl.Identifier switch
        {
            SglDescriptor.DataBlockOffset => InTheCapsule(direction, entry.Sgl, (uint)capsuleData.Length),
            SglDescriptor.KeyedDataBlock or SglDescriptor.KeyedDataBlockInvalidate => Keyed(entry.Sgl.KeyedLength, descriptors: 1, direction, maxTransfer),
            SglDescriptor.LastSegmentOffset => InASegment(entry.Sgl, capsuleData, direction, maxTransfer, maxDescriptors),
            _ => Refuse(NvmeStatus.SglDescriptorTypeInvalid),
        };
    }

    private static TransferDescription InTheCapsule(DataDirection direction, in SglDescriptor descriptor, uint capsuleData)
    {
        if (descriptor.Address > capsuleData)
        {
            return Refuse(NvmeStatus.SglOffsetInvalid);
        }

        // The address is at most 32 bits by now: no overflow.
        if (descriptor.Address + descriptor.Length > capsuleData)
        {
            return Refuse(NvmeStatus.DataSglLengthInvalid);
        }

        return direction switch
        {
            DataDirection.HostToController => new(
                NvmeStatus.Success, descriptor.Length, (int)descriptor.Address, InCapsule: descriptor.Length != 0, Descriptors: 0, Segment: false),
            DataDirection.ControllerToHost when descriptor.Length != 0 => Refuse(NvmeStatus.InvalidField),
            _ => new(NvmeStatus.Success, descriptor.Length, 0, InCapsule: false, Descriptors: 0, Segment: false),
        };
    }

    // Linux describes "no data" by a keyed descriptor of zeros: nothing is posted for it.
    private static TransferDescription Keyed(ulong length, int descriptors, DataDirection direction, uint maxTransfer) =>
        direction is DataDirection.HostToController or DataDirection.ControllerToHost && length > maxTransfer
            ? Refuse(NvmeStatus.DataSglLengthInvalid)
            : new(NvmeStatus.Success, (uint)length, 0, InCapsule: false, length == 0 ? 0 : descriptors, Segment: false);

    private static TransferDescription InASegment(
        in SglDescriptor segment, ReadOnlySpan<byte> capsuleData, DataDirection direction, uint maxTransfer, int maxDescriptors)
    {
        if (segment.Address > (uint)capsuleData.Length)
        {
            return Refuse(NvmeStatus.SglOffsetInvalid);
        }

        if (segment.Length == 0 || segment.Length % DescriptorSize != 0 || segment.Address + segment.Length > (uint)capsuleData.Length)
        {
            return Refuse(NvmeStatus.InvalidSglSegmentDescriptor);
        }

        if (segment.Length / DescriptorSize > maxDescriptors)
        {
            return Refuse(NvmeStatus.InvalidNumberOfSglDescriptors);
        }

        ReadOnlySpan<SglDescriptor> descriptors =
            MemoryMarshal.Cast<byte, SglDescriptor>(capsuleData.Slice((int)segment.Address, (int)segment.Length));
        ulong length = 0;
        foreach (ref readonly SglDescriptor descriptor in descriptors)
        {
            if (descriptor.Identifier is not (SglDescriptor.KeyedDataBlock or SglDescriptor.KeyedDataBlockInvalidate))
            {
                return Refuse(NvmeStatus.SglDescriptorTypeInvalid);
            }

            length += descriptor.KeyedLength;
        }

        TransferDescription transfer = Keyed(length, descriptors.Length, direction, maxTransfer);
        return transfer with { Segment = transfer.Descriptors != 0, InCapsuleOffset = (int)segment.Address };
    }

    // The descriptor can be trusted in nothing: a target must not move data for it.
    private static TransferDescription Refuse(NvmeStatus status) =>
        new(status.WithDoNotRetry(), 0, 0, InCapsule: false, Descriptors: 0, Segment: false);
}
