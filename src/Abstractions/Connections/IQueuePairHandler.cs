using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Abstractions.Connections;

/// <summary>The target's end of the queue pair seam; one handler per queue pair. All calls come on the queue pair's loop.</summary>
public interface IQueuePairHandler
{
    /// <summary>A command arrived. Its identifier may be that of a command in flight: refusing it (Command ID Conflict) is the handler's part.</summary>
    void OnCommand(QueuePairCommand command);

    /// <summary>The transfer begun by <see cref="QueuePairCommand.ReceiveData"/> ended.</summary>
    /// <param name="command">The command.</param>
    /// <param name="status">Success: all bytes are there. Otherwise complete the command with it (data digest error).</param>
    void OnDataReceived(QueuePairCommand command, NvmeStatus status);

    /// <summary>
    /// No command will follow. Commands that wait for something that may never come (AERs, buffer turns, data from the host) must be
    /// dropped now; those at a back end finish until deadline T1.
    /// </summary>
    void OnQuiescing(QueuePair queuePair, TeardownCause cause);

    /// <summary>The queue pair is gone. Last call.</summary>
    void OnClosed(QueuePair queuePair, DrainReport report);
}
