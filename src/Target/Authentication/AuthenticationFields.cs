using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Queues;

namespace Nvmf.Target.Authentication;

/// <summary>What both authentication commands must say.</summary>
internal static class AuthenticationFields
{
    // No message has more than 1168 bytes, but hosts give buffers of a page or more.
    private const uint MaxLength = 16 << 10;

    public static NvmeStatus Check(CommandSlot slot, ref readonly SubmissionQueueEntry entry)
    {
        ref readonly AuthenticationCommand command = ref AuthenticationCommand.Of(in entry);
        if (!command.IsAuthentication || command.Length is 0 or > MaxLength)
        {
            return NvmeStatus.InvalidField;
        }

        return slot.Command.DataLength == command.Length ? NvmeStatus.Success : NvmeStatus.DataSglLengthInvalid;
    }
}
