namespace Nvmf.Transport.Rdma.Adapter;

/// <summary>rdma_conn_param without the private data.</summary>
/// <param name="ResponderResources">RDMA reads that the peer may have under way towards us.</param>
/// <param name="InitiatorDepth">RDMA reads that we may have under way.</param>
/// <param name="RetryCount">Transport retries, 0..7.</param>
/// <param name="RnrRetryCount">Retries while the peer has no receive posted; 7 for ever.</param>
internal readonly record struct ConnectionParameters(byte ResponderResources, byte InitiatorDepth, byte RetryCount, byte RnrRetryCount);
