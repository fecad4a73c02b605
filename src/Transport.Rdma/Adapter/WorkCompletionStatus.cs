namespace Nvmf.Transport.Rdma.Adapter;

/// <summary>enum ibv_wc_status, same values (those with a name of their own here).</summary>
internal enum WorkCompletionStatus
{
    Success = 0,
    LocalLengthError = 1,
    LocalProtectionError = 4,
    Flushed = 5,
    RemoteInvalidRequest = 9,
    RemoteAccessError = 10,
    RemoteOperationError = 11,
    RetryExceeded = 12,
    RnrRetryExceeded = 13,
    Fatal = 19,
}
