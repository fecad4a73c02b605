namespace Nvmf.Hosting;

/// <summary>
/// The target cannot be started or changed as asked. <see cref="Exception.Message"/> is one sentence for a person.
/// </summary>
public sealed class NvmeTargetException : Exception
{
    /// <summary>Creates the exception.</summary>
    public NvmeTargetException(NvmeTargetError error, string message, Exception? innerException = null)
        : base(message, innerException) => Error = error;

    /// <summary>What kind of mistake.</summary>
    public NvmeTargetError Error { get; }
}
