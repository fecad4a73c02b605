using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Transport.Tcp.QueuePairs;

/// <summary>What the SGL of a command says about its data, and whether NVMe/TCP allows it.</summary>
/// <param name="Status">Success, or the status the command deserves.</param>
/// <param name="Length">Bytes of data.</param>
/// <param name="InCapsuleOffset">Where in the capsule's data they begin.</param>
/// <param name="InCapsule">The data is in the capsule.</param>
internal readonly record struct TransferDescription(NvmeStatus Status, uint Length, int InCapsuleOffset, bool InCapsule)
{
    /// <summary>Reads descriptor 1 of an entry. Pure.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="capsuleData">Bytes of data in the capsule.</param>
    /// <param name="maxCapsuleData">Largest in-capsule data of this queue.</param>
    /// <param name="maxTransfer">Largest data transfer of one command.</param>
    public static TransferDescription Of(in SubmissionQueueEntry entry, uint capsuleData, uint maxCapsuleData, uint maxTransfer)
    {
        if (!entry.UsesSgl())
        {
            return Refuse(NvmeStatus.InvalidField);
        }

        DataDirection direction = entry.GetDataDirection();
        uint length = entry.Sgl.Length;
        return entry.Sgl.Identifier switch
        {
            SglDescriptor.DataBlockOffset => InTheCapsule(direction, entry.Sgl.Address, length, capsuleData, maxCapsuleData),
            SglDescriptor.TransportDataBlock => ByTheTransport(direction, length, capsuleData, maxTransfer),

            // Commands without data do not use DPTR; some hosts leave it zero.
            _ when direction == DataDirection.None && length == 0 && capsuleData == 0 => default,
            _ => Refuse(NvmeStatus.SglDescriptorTypeInvalid),
        };
    }

    private static TransferDescription InTheCapsule(DataDirection direction, ulong offset, uint length, uint capsuleData, uint maxCapsuleData)
    {
        if (offset > capsuleData)
        {
            return Refuse(NvmeStatus.SglOffsetInvalid);
        }

        // All of the data of a capsule belongs to its one descriptor.
        if (capsuleData > maxCapsuleData || offset + length != capsuleData)
        {
            return Refuse(NvmeStatus.DataSglLengthInvalid);
        }

        return direction switch
        {
            DataDirection.HostToController => new(NvmeStatus.Success, length, (int)offset, InCapsule: length != 0),
            DataDirection.ControllerToHost when length != 0 => Refuse(NvmeStatus.InvalidField),
            _ => new(NvmeStatus.Success, length, 0, InCapsule: false),
        };
    }

    private static TransferDescription ByTheTransport(DataDirection direction, uint length, uint capsuleData, uint maxTransfer)
    {
        // Data that no descriptor describes.
        if (capsuleData != 0)
        {
            return Refuse(NvmeStatus.InvalidField);
        }

        return direction is DataDirection.HostToController or DataDirection.ControllerToHost && length > maxTransfer
            ? Refuse(NvmeStatus.DataSglLengthInvalid)
            : new(NvmeStatus.Success, length, 0, InCapsule: false);
    }

    // The descriptor can be trusted in nothing: a target must not move data for it.
    private static TransferDescription Refuse(NvmeStatus status) => new(status.WithDoNotRetry(), 0, 0, InCapsule: false);
}
