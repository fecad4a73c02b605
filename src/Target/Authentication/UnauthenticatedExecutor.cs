using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Queues;

namespace Nvmf.Target.Authentication;

/// <summary>Fabrics commands of a queue whose host has not proven yet who it is: authentication, and nothing else.</summary>
internal sealed class UnauthenticatedExecutor : CommandExecutor
{
    public override void Start(CommandSlot slot, ref readonly SubmissionQueueEntry entry)
    {
        switch (entry.FabricsCommandType)
        {
            case FabricsCommandType.AuthenticationSend or FabricsCommandType.AuthenticationReceive:
                FabricsExecutor.StartAuthentication(slot, in entry);
                break;
            case FabricsCommandType.Connect when slot.Command.DataLength == ConnectData.Size:
                slot.Reject(NvmeStatus.CommandSequenceError);
                break;
            default:
                slot.Reject(NvmeStatus.AuthenticationRequired);
                break;
        }
    }
}
