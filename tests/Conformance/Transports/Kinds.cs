namespace Nvmf.Conformance.Tests.Transports;

/// <summary>Sets of transports for theories.</summary>
public static class Kinds
{
    private static bool IsUnixSupported => System.Net.Sockets.Socket.OSSupportsUnixDomainSockets;

    /// <summary>Everything that exists here.</summary>
    public static TheoryData<TransportKind> All => [.. Enum.GetValues<TransportKind>().Where(Exists)];

    /// <summary>Those with a kernel between the ends.</summary>
    public static TheoryData<TransportKind> Real => [.. Enum.GetValues<TransportKind>().Where(k => Exists(k) && k != TransportKind.Memory)];

    /// <summary>Those over TCP.</summary>
    public static TheoryData<TransportKind> Ip => [.. Enum.GetValues<TransportKind>().Where(k => Exists(k) && IsIp(k))];

    /// <summary>Those with the application on the thread pool.</summary>
    public static TheoryData<TransportKind> Pooled =>
        [.. Enum.GetValues<TransportKind>().Where(k => Exists(k) && k is not (TransportKind.TcpInline or TransportKind.Memory))];

    public static bool IsUnix(TransportKind kind) => kind is TransportKind.SocketsUnix or TransportKind.TcpUnix;

    public static bool IsOurs(TransportKind kind) => kind is TransportKind.Tcp or TransportKind.TcpUnix or TransportKind.TcpInline or TransportKind.TcpZeroCopy;

    private static bool IsIp(TransportKind kind) => kind != TransportKind.Memory && !IsUnix(kind);

    private static bool Exists(TransportKind kind) => (!IsUnix(kind) || IsUnixSupported) && (!IsOurs(kind) || Transport.Tcp.TcpTransportFactory.IsSupported);
}
