namespace Nvmf.Transport.Tcp.Tests.Relay;

/// <summary>How bytes go through a relay.</summary>
public enum RelayWay
{
    /// <summary>Kernel pipes.</summary>
    Splice,

    /// <summary>Buffers, on the event loop.</summary>
    Copy,

    /// <summary>Pipelines over Kestrel's Sockets transport.</summary>
    Pipelines,
}
