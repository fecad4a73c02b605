using System.Net;

namespace Nvmf.Conformance.Tests.QueuePairs;

/// <summary>Sets of transports for theories.</summary>
public static class QueuePairKinds
{
    /// <summary>Everything that exists here.</summary>
    public static TheoryData<QueuePairKind> All => [.. Enum.GetValues<QueuePairKind>().Where(Exists)];

    /// <summary>Address of an RDMA device, or null: then only the virtual adapter is tried.</summary>
    internal static IPAddress? DeviceAddress =>
        Environment.GetEnvironmentVariable("NVMF_RDMA_ADDRESS") is { Length: > 0 } address ? IPAddress.Parse(address) : null;

    internal static bool IsRdma(QueuePairKind kind) => kind is not (QueuePairKind.Tcp or QueuePairKind.Sockets);

    internal static bool IsShared(QueuePairKind kind) => kind is QueuePairKind.VirtualRdmaShared or QueuePairKind.RdmaShared;

    internal static bool IsVirtual(QueuePairKind kind) => kind is QueuePairKind.VirtualRdma or QueuePairKind.VirtualRdmaShared;

    private static bool Exists(QueuePairKind kind) =>
        kind == QueuePairKind.Sockets || IsVirtual(kind) || (IsRdma(kind) ? DeviceAddress is not null : Transport.Tcp.TcpTransportFactory.IsSupported);
}
