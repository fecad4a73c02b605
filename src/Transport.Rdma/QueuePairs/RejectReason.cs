namespace Nvmf.Transport.Rdma.QueuePairs;

/// <summary>Status of a reject (NVMe/RDMA transport, RDMA_CM_REJECT private data).</summary>
internal enum RejectReason : ushort
{
    InvalidPrivateDataLength = 1,
    InvalidRecordFormat = 2,
    InvalidQueueId = 3,
    InvalidHostSubmissionQueueSize = 4,
    InvalidHostReceiveQueueSize = 5,
    NoResources = 6,
    InvalidInboundReadDepth = 7,
    InvalidOutboundReadDepth = 8,
    InvalidControllerId = 9,
}
