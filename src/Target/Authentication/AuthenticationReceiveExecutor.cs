using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Queues;

namespace Nvmf.Target.Authentication;

/// <summary>Authentication Receive: the host fetches a message.</summary>
internal sealed class AuthenticationReceiveExecutor : CommandExecutor
{
    public override void Start(CommandSlot slot, ref readonly SubmissionQueueEntry entry)
    {
        if (AuthenticationFields.Check(slot, in entry) is { IsSuccess: false } refusal)
        {
            slot.Reject(refusal);
        }
        else if (!slot.Command.InCapsuleData.IsEmpty)
        {
            slot.Reject(NvmeStatus.SglDescriptorTypeInvalid);
        }
        else if (slot.EnsureBuffer((int)slot.Command.DataLength))
        {
            slot.Buffer.Span.Clear();
            slot.Queue.Authentication!.OnReceive(slot, slot.Buffer.Length);
        }
    }
}
