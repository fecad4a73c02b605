namespace Nvmf.Conformance.Tests.Transports;

/// <summary>What the rules are tried on.</summary>
public enum TransportKind
{
    /// <summary>Kestrel's own: the oracle. A rule that it does not keep is none.</summary>
    Sockets,

    /// <summary>The oracle over a Unix domain socket.</summary>
    SocketsUnix,

    /// <summary>Ours.</summary>
    Tcp,

    /// <summary>Ours over a Unix domain socket.</summary>
    TcpUnix,

    /// <summary>Ours, with the application on the event loop.</summary>
    TcpInline,

    /// <summary>Ours, with every send by reference.</summary>
    TcpZeroCopy,

    /// <summary>Two pipes within the process; knows neither addresses nor resets.</summary>
    Memory,
}
