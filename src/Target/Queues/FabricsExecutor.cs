using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Authentication;

namespace Nvmf.Target.Queues;

/// <summary>
/// Fabrics commands on a connected queue (NVMe Base, Fabrics Command Set). No Disconnect. Hosts also send the opcode, with NSID 1 where the type of a
/// Connect would be and without data, as one that certainly means nothing: a second Connect is only what has its data.
/// </summary>
internal sealed class FabricsExecutor : CommandExecutor
{
    private static readonly PropertyGetExecutor PropertyGet = new();
    private static readonly PropertySetExecutor PropertySet = new();
    private static readonly AuthenticationSendExecutor AuthenticationSend = new();
    private static readonly AuthenticationReceiveExecutor AuthenticationReceive = new();

    public override void Start(CommandSlot slot, ref readonly SubmissionQueueEntry entry)
    {
        switch (entry.FabricsCommandType)
        {
            case FabricsCommandType.Connect when slot.Command.DataLength == ConnectData.Size:
                slot.Reject(NvmeStatus.CommandSequenceError);
                break;
            case FabricsCommandType.PropertyGet when slot.Queue.IsAdmin:
                PropertyGet.Start(slot, in entry);
                break;
            case FabricsCommandType.PropertySet when slot.Queue.IsAdmin:
                PropertySet.Start(slot, in entry);
                break;
            case FabricsCommandType.AuthenticationSend or FabricsCommandType.AuthenticationReceive when slot.Queue.TryPrepareAuthentication():
                StartAuthentication(slot, in entry);
                break;
            default:
                slot.Reject(NvmeStatus.InvalidOpcode);
                break;
        }
    }

    /// <summary>Authentication Send or Receive.</summary>
    public static void StartAuthentication(CommandSlot slot, ref readonly SubmissionQueueEntry entry)
    {
        CommandExecutor executor = entry.FabricsCommandType == FabricsCommandType.AuthenticationSend ? AuthenticationSend : AuthenticationReceive;
        slot.HandOver(executor);
        executor.Start(slot, in entry);
    }
}
