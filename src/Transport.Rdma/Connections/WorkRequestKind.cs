namespace Nvmf.Transport.Rdma.Connections;

/// <summary>Which queue a work request was posted to.</summary>
internal enum WorkRequestKind
{
    Send,
    Receive,
    SharedReceive,
}
