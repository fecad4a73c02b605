namespace Nvmf.Target;

/// <summary>Security of a TCP port (TSAS SECTYPE).</summary>
public enum TransportSecurity
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>TLS 1.2.</summary>
    Tls12 = 1,

    /// <summary>TLS 1.3.</summary>
    Tls13 = 2,
}
