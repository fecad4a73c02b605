using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Queues;

namespace Nvmf.Target.Authentication;

/// <summary>Authentication Send: a message of the host.</summary>
internal sealed class AuthenticationSendExecutor : CommandExecutor
{
    public override void Start(CommandSlot slot, ref readonly SubmissionQueueEntry entry)
    {
        if (AuthenticationFields.Check(slot, in entry) is { IsSuccess: false } refusal)
        {
            slot.Reject(refusal);
        }
        else
        {
            slot.ReceiveHostData();
        }
    }

    public override void OnHostData(CommandSlot slot, ref readonly SubmissionQueueEntry entry) => slot.Queue.Authentication!.OnSend(slot);

    public override void OnResumed(CommandSlot slot) => slot.Queue.Authentication!.OnComputed(slot);
}
