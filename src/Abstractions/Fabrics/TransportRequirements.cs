namespace Nvmf.Abstractions.Fabrics;

/// <summary>TREQ of a discovery log entry.</summary>
[Flags]
public enum TransportRequirements : byte
{
    /// <summary>Secure channel not specified.</summary>
    NotSpecified = 0,

    /// <summary>Secure channel required.</summary>
    SecureChannelRequired = 1,

    /// <summary>Secure channel not required.</summary>
    SecureChannelNotRequired = 2,

    /// <summary>Submission queue flow control may be disabled.</summary>
    FlowControlDisableSupported = 1 << 2,
}
