namespace Nvmf.Initiator;

/// <summary>The connection to the controller could not be made, or has ended.</summary>
/// <remarks>
/// A type of its own because the transports' <see cref="Microsoft.AspNetCore.Connections.ConnectionAbortedException"/> is an
/// <see cref="OperationCanceledException"/>: who catches his own cancellation must not swallow a lost connection.
/// </remarks>
public sealed class NvmeConnectionException : IOException
{
    internal NvmeConnectionException(string message, Exception? innerException, bool mayHaveBeenSent = false)
        : base(message, innerException) => MayHaveBeenSent = mayHaveBeenSent;

    /// <summary>
    /// True: the command was handed to a transport and never answered. It may or may not have been executed, and a controller that has not noticed the end of
    /// the association may still execute it (a ghost write, invariant I10). False: it certainly never left this host.
    /// </summary>
    public bool MayHaveBeenSent { get; }
}
