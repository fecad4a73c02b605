namespace Nvmf.Abstractions.Authentication;

/// <summary>Why one side ended an authentication (NVMe Base, AUTH_Failure1 and AUTH_Failure2, reason code explanation).</summary>
public enum DhChapFailureReason : byte
{
    /// <summary>None was given.</summary>
    None = 0,

    /// <summary>The other side did not prove that it knows the secret.</summary>
    AuthenticationFailed = 1,

    /// <summary>No authentication protocol in common.</summary>
    ProtocolNotUsable = 2,

    /// <summary>One side wants a secure channel, the other does not.</summary>
    SecureChannelMismatch = 3,

    /// <summary>No hash function in common.</summary>
    HashNotUsable = 4,

    /// <summary>No Diffie-Hellman group in common.</summary>
    GroupNotUsable = 5,

    /// <summary>A field of a message is wrong.</summary>
    IncorrectPayload = 6,

    /// <summary>A message that does not belong here.</summary>
    IncorrectMessage = 7,
}
