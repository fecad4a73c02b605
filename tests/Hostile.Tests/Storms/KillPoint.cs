namespace Nvmf.Hostile.Tests.Storms;

/// <summary>Where a host dies.</summary>
internal enum KillPoint
{
    Connected,
    HalfICReq,
    ICReqSent,
    ICRespRead,
    HalfConnect,
    ConnectSent,
    AdminConnected,
    EnableSent,
    Ready,
    EventRequestsOutstanding,
    HalfInputOutputConnect,
    InputOutputConnected,
    ReadyToTransfer,
    HalfData,
    ReadsUnread,
    WritesUnread,
}
