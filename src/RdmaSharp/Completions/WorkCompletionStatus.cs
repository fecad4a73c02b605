namespace RdmaSharp;

/// <summary>How a work request ended (<c>enum ibv_wc_status</c>).</summary>
public enum WorkCompletionStatus
{
    /// <summary>Done. Of a send: the adapter is done with the buffer; not a proof of delivery on iWARP.</summary>
    Success = 0,

    /// <summary>A message was longer than the receive buffer, or too long for the device.</summary>
    LocalLengthError = 1,

    /// <summary>The queue pair is inconsistent.</summary>
    LocalQueuePairOperationError = 2,

    /// <summary>Reliable datagram only.</summary>
    LocalEndToEndContextOperationError = 3,

    /// <summary>A local buffer is not in a region of the protection domain that allows it.</summary>
    LocalProtectionError = 4,

    /// <summary>The queue pair went to the error state before the request ran.</summary>
    FlushError = 5,

    /// <summary>A memory window could not be bound.</summary>
    MemoryWindowBindError = 6,

    /// <summary>The peer's answer made no sense.</summary>
    BadResponseError = 7,

    /// <summary>A local protection error during an incoming RDMA write with immediate.</summary>
    LocalAccessError = 8,

    /// <summary>The peer could not accept the message: too long, or not allowed.</summary>
    RemoteInvalidRequestError = 9,

    /// <summary>The remote key or address does not allow it.</summary>
    RemoteAccessError = 10,

    /// <summary>The peer could not complete it.</summary>
    RemoteOperationError = 11,

    /// <summary>The peer did not answer.</summary>
    RetryExceededError = 12,

    /// <summary>The peer had no receive posted.</summary>
    ReceiverNotReadyRetryExceededError = 13,

    /// <summary>Reliable datagram only.</summary>
    LocalReliableDatagramDomainViolationError = 14,

    /// <summary>Reliable datagram only.</summary>
    RemoteInvalidReliableDatagramRequestError = 15,

    /// <summary>The peer gave it up.</summary>
    RemoteAbortedError = 16,

    /// <summary>Reliable datagram only.</summary>
    InvalidEndToEndContextNumberError = 17,

    /// <summary>Reliable datagram only.</summary>
    InvalidEndToEndContextStateError = 18,

    /// <summary>The device failed.</summary>
    FatalError = 19,

    /// <summary>No answer in time.</summary>
    ResponseTimeoutError = 20,

    /// <summary>Anything else; see the vendor's code.</summary>
    GeneralError = 21,

    /// <summary>Tag matching failed.</summary>
    TagMatchingError = 22,

    /// <summary>The rendezvous has to be completed by software.</summary>
    TagMatchingRendezvousIncomplete = 23,
}
