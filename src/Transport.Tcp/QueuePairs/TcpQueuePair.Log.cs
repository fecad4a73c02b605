using System.Net;
using Microsoft.Extensions.Logging;
using Nvmf.Transport.Tcp.Pdu;

namespace Nvmf.Transport.Tcp.QueuePairs;

/// <content>Log messages.</content>
internal sealed partial class TcpQueuePair
{
    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "Queue pair {Id}: handshake done, digests {Digests}, HPDA {Alignment}, MAXR2T {MaxR2T}.")]
        public static partial void Handshake(ILogger logger, string id, DigestFlags digests, byte alignment, uint maxR2T);

        [LoggerMessage(2, LogLevel.Debug, "Queue pair {Id}: connected as queue {QueueId} with {QueueSize} entries.")]
        public static partial void Connected(ILogger logger, string id, ushort queueId, int queueSize);

        [LoggerMessage(3, LogLevel.Information,
            "Queue pair {Id}: {RemoteEndPoint} broke the protocol, FES {Status:X2}h FEI {Information:X}h in a PDU of type {Type:X2}h; closing.")]
        public static partial void ProtocolError(
            ILogger logger, string id, EndPoint? remoteEndPoint, ushort status, uint information, byte type);

        [LoggerMessage(4, LogLevel.Information,
            "Queue pair {Id}: {RemoteEndPoint} sent a termination request, FES {Status:X2}h FEI {Information:X}h; closing.")]
        public static partial void TerminationRequest(ILogger logger, string id, EndPoint? remoteEndPoint, ushort status, uint information);

        [LoggerMessage(5, LogLevel.Error, "Queue pair {Id}: the handler failed; closing.")]
        public static partial void HandlerFailed(ILogger logger, string id, Exception exception);
    }
}
