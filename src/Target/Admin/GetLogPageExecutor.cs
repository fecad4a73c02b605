using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Admin.LogPages;
using Nvmf.Target.Controllers;
using Nvmf.Target.Queues;

namespace Nvmf.Target.Admin;

/// <summary>Get Log Page: any part of a page; what lies behind its end reads as zeroes.</summary>
internal sealed class GetLogPageExecutor : AdminExecutor
{
    protected override void Start(Controller controller, CommandSlot slot, ref readonly SubmissionQueueEntry entry)
    {
        ref readonly GetLogPageCommand command = ref GetLogPageCommand.Of(in entry);
        LogPage? page = LogPageTable.Find(command.LogPage, controller);
        if (page == null)
        {
            slot.Reject(NvmeStatus.InvalidLogPage);
            return;
        }

        // Every page here is of controller or subsystem scope.
        ulong length = command.LengthInBytes;
        if (entry.NamespaceId is not (0 or NamespaceIdentifiers.Broadcast) || command.Offset % sizeof(uint) != 0 || command.OffsetIsIndex
            || !page.Accepts(in command) || length > controller.Limits.MaxDataTransferSize)
        {
            slot.Reject(NvmeStatus.InvalidField);
        }
        else if (slot.Command.DataLength != length)
        {
            slot.Reject(NvmeStatus.DataSglLengthInvalid);
        }
        else if (command.Offset != 0 && command.Offset > (ulong)page.Read(controller, in command, keep: true).Length)
        {
            slot.Reject(NvmeStatus.InvalidField);
        }
        else if (slot.EnsureBuffer((int)length))
        {
            Fill(page, controller, in command, slot.Buffer.Span);
            slot.SucceedWithBuffer();
        }
    }

    private static void Fill(LogPage page, Controller controller, ref readonly GetLogPageCommand command, Span<byte> destination)
    {
        bool keep = command.RetainAsynchronousEvent;
        if (!keep)
        {
            controller.Events.Clear(page.Events);
        }

        ReadOnlySpan<byte> source = page.Read(controller, in command, keep).Span;
        source = command.Offset < (ulong)source.Length ? source[(int)command.Offset..] : default;
        source = source[..Math.Min(source.Length, destination.Length)];
        source.CopyTo(destination);
        destination[source.Length..].Clear();
    }
}
