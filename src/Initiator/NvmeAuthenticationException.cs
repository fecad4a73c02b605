using Nvmf.Abstractions.Authentication;

namespace Nvmf.Initiator;

/// <summary>Host and controller could not prove to each other who they are. Another attempt with the same secrets ends the same way.</summary>
public sealed class NvmeAuthenticationException : IOException
{
    internal NvmeAuthenticationException(string message, DhChapFailureReason reason)
        : base(message) => Reason = reason;

    /// <summary>The reason as the protocol has it; <see cref="DhChapFailureReason.None"/> when it did not come to an exchange.</summary>
    public DhChapFailureReason Reason { get; }
}
