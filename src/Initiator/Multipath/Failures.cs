using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Initiator.Multipath;

/// <summary>Which failures of one transmission say something about the path or the moment, and not about the command.</summary>
internal static class Failures
{
    private const byte PathRelated = 3;

    public static bool IsWorthAnotherTry(Exception error) => error switch
    {
        NvmeConnectionException or TimeoutException => true,
        NvmeException nvme => IsAboutAccess(nvme.Status) || (!nvme.Status.DoNotRetry && IsTransient(nvme.Status)),
        _ => false,
    };

    /// <summary>The lost connection behind an error; a deadline that passed with the connection has it inside.</summary>
    public static NvmeConnectionException? LostConnection(Exception error) =>
        error as NvmeConnectionException ?? (error as TimeoutException)?.InnerException as NvmeConnectionException;

    /// <summary>Asymmetric access: another path, or this one later. Do Not Retry speaks of this controller.</summary>
    public static bool IsAboutAccess(NvmeStatus status) =>
        status.IsSameCode(NvmeStatus.AnaInaccessible) || status.IsSameCode(NvmeStatus.AnaPersistentLoss) || status.IsSameCode(NvmeStatus.AnaTransition);

    /// <summary>CRD: the controller says how long to wait.</summary>
    public static TimeSpan? RetryDelay(NvmeStatus status, in IdentifyController controller) => ((status.Value >> 11) & 3) switch
    {
        1 => TimeSpan.FromMilliseconds(100 * controller.CommandRetryDelay1),
        2 => TimeSpan.FromMilliseconds(100 * controller.CommandRetryDelay2),
        3 => TimeSpan.FromMilliseconds(100 * controller.CommandRetryDelay3),
        _ => null,
    };

    private static bool IsTransient(NvmeStatus status) =>
        status.CodeType == PathRelated
        || status.IsSameCode(NvmeStatus.NamespaceNotReady)
        || status.IsSameCode(NvmeStatus.CommandInterrupted)
        || status.IsSameCode(NvmeStatus.TransientTransportError)
        || status.IsSameCode(NvmeStatus.AbortedSqDeletion);
}
