using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Target.Queues;

/// <summary>How a Connect command ends. Do Not Retry is set for what another attempt cannot change, never for what passes.</summary>
/// <param name="Status">Status.</param>
/// <param name="Result">Dword 0.</param>
/// <param name="Reason">For the log.</param>
internal readonly record struct ConnectOutcome(NvmeStatus Status, uint Result, string Reason)
{
    /// <summary>Accepted.</summary>
    public static ConnectOutcome Success(ushort controllerId, bool mustAuthenticate) =>
        new(NvmeStatus.Success, ConnectResult.Success(controllerId, mustAuthenticate ? ConnectResult.AuthenticationTransactionRequired : 0), "");

    /// <summary>A field of the submission queue entry.</summary>
    public static ConnectOutcome InvalidCommand(int offset, string reason) =>
        new(NvmeStatus.ConnectInvalidParameters.WithDoNotRetry(), ConnectResult.InvalidCommandByte(offset), reason);

    /// <summary>A field of the data.</summary>
    public static ConnectOutcome InvalidData(int offset, string reason) =>
        new(NvmeStatus.ConnectInvalidParameters.WithDoNotRetry(), ConnectResult.InvalidDataByte(offset), reason);

    /// <summary>The controller is not there: after a keep-alive expiry that is no mistake of the host, and it must be free to reconnect.</summary>
    public static ConnectOutcome UnknownController(string reason) =>
        new(NvmeStatus.ConnectInvalidParameters, ConnectResult.InvalidDataByte(ConnectField.ControllerId), reason);

    /// <summary>An I/O queue before the controller is enabled; once it is, the same Connect will do.</summary>
    public static ConnectOutcome NotReady { get; } =
        new(NvmeStatus.ConnectInvalidParameters, ConnectResult.InvalidCommandByte(ConnectField.QueueId), "the controller is not ready");

    /// <summary>Later, perhaps.</summary>
    public static ConnectOutcome Busy(string reason) => new(NvmeStatus.ConnectControllerBusy, 0, reason);

    /// <summary>The host is not on the list.</summary>
    public static ConnectOutcome InvalidHost { get; } =
        new(NvmeStatus.ConnectInvalidHost.WithDoNotRetry(), 0, "the host is not allowed, or has no secret where one is required");

    /// <summary>Not at this point.</summary>
    public static ConnectOutcome SequenceError(string reason) => new(NvmeStatus.CommandSequenceError.WithDoNotRetry(), 0, reason);
}
