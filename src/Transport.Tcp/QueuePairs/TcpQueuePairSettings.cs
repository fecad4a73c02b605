using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;
using Nvmf.Transport.Tcp.Pdu;

namespace Nvmf.Transport.Tcp.QueuePairs;

/// <summary><see cref="TcpQueuePairOptions"/>, checked and fixed.</summary>
internal sealed class TcpQueuePairSettings
{
    /// <summary>In-capsule data of admin queues, and of every queue before its Connect command (NVMe/TCP, Capsules).</summary>
    public const int AdminInCapsuleDataSize = 8 << 10;

    /// <summary>Bound by the slot's part of a transfer tag.</summary>
    public const int LargestQueueSize = TransferTag.MaxSlots;

    public TcpQueuePairSettings(TcpQueuePairOptions options, BufferPool pool)
    {
        Require(options.InCapsuleDataSize is >= 0 and <= 65536 && options.InCapsuleDataSize % 16 == 0,
            nameof(options.InCapsuleDataSize), "a multiple of 16 in 0..65536");
        Require(int.IsPow2(options.MaxDataTransferSize) && options.MaxDataTransferSize >= 4096,
            nameof(options.MaxDataTransferSize), "a power of two of at least 4096");
        Require(options.MaxDataTransferSize <= pool.MaxLength && options.InCapsuleDataSize <= pool.MaxLength,
            nameof(options.MaxDataTransferSize), $"within the largest buffer of the pool ({pool.MaxLength} bytes), as must {nameof(options.InCapsuleDataSize)}");
        Require(options.MaxQueueSize is >= 2 and <= LargestQueueSize,
            nameof(options.MaxQueueSize), $"in 2..{LargestQueueSize}");
        Require(options.MaxHostToControllerData >= ICRespPdu.MinMaxHostToControllerData && options.MaxHostToControllerData % 4 == 0,
            nameof(options.MaxHostToControllerData), "at least 4096 and a multiple of 4");
        Require(options.HandshakeTimeout > TimeSpan.Zero, nameof(options.HandshakeTimeout), "positive");
        Require(options.ConnectTimeout > TimeSpan.Zero, nameof(options.ConnectTimeout), "positive");
        Require(options.HostDataTimeout > TimeSpan.Zero, nameof(options.HostDataTimeout), "positive");
        Require(options.HostTransferTimeout > TimeSpan.Zero, nameof(options.HostTransferTimeout), "positive");
        Require(options.MaxPendingConnections > 0, nameof(options.MaxPendingConnections), "positive");

        Capabilities = new QueuePairCapabilities(
            options.InCapsuleDataSize,
            options.MaxDataTransferSize,
            options.MaxQueueSize,
            MaxSglDescriptors: 1,
            KeyedSgl: false,
            InCapsuleOffset: true,
            GathersData: true);
        MaxHostToControllerData = (uint)options.MaxHostToControllerData;
        AllowedDigests = (options.AllowHeaderDigest ? DigestFlags.Header : 0) | (options.AllowDataDigest ? DigestFlags.Data : 0);
        HandshakeTimeout = options.HandshakeTimeout;
        ConnectTimeout = options.ConnectTimeout;
        HostDataTimeout = options.HostDataTimeout;
        HostTransferTimeout = options.HostTransferTimeout;
        MaxPendingConnections = options.MaxPendingConnections;
    }

    public QueuePairCapabilities Capabilities { get; }

    public uint MaxHostToControllerData { get; }

    public DigestFlags AllowedDigests { get; }

    public TimeSpan HandshakeTimeout { get; }

    public TimeSpan ConnectTimeout { get; }

    public TimeSpan HostDataTimeout { get; }

    public TimeSpan HostTransferTimeout { get; }

    public int MaxPendingConnections { get; }

    private static void Require(bool condition, string option, string range)
    {
        if (!condition)
        {
            throw new ArgumentException($"{nameof(TcpQueuePairOptions)}.{option} must be {range}.");
        }
    }
}
