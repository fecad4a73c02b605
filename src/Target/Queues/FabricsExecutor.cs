using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Target.Queues;

/// <summary>
/// Fabrics commands on a connected queue (NVMe Base, Fabrics Command Set). No authentication, no Disconnect. Hosts also send the opcode, with NSID 1 where the type of a
/// Connect would be and without data, as one that certainly means nothing: a second Connect is only what has its data.
/// </summary>
internal sealed class FabricsExecutor : CommandExecutor
{
    private static readonly PropertyGetExecutor PropertyGet = new();
    private static readonly PropertySetExecutor PropertySet = new();

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
            default:
                slot.Reject(NvmeStatus.InvalidOpcode);
                break;
        }
    }
}
