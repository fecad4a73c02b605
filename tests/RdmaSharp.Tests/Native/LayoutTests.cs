namespace RdmaSharp.Tests.Native;

/// <summary>
/// Structures against the ABI of rdma-core on 64-bit Linux as it was measured once: holds on machines without the headers. The same on x64 and arm64: every
/// offset lies before the first mutex, whose size differs.
/// </summary>
public class LayoutTests
{
    [Theory]
    [InlineData("sizeof(struct ibv_sge)", 16)]
    [InlineData("sizeof(struct ibv_send_wr)", 128)]
    [InlineData("offsetof(struct ibv_send_wr, wr.rdma.remote_addr)", 40)]
    [InlineData("offsetof(struct ibv_send_wr, wr.rdma.rkey)", 48)]
    [InlineData("offsetof(struct ibv_send_wr, invalidate_rkey)", 36)]
    [InlineData("sizeof(struct ibv_recv_wr)", 32)]
    [InlineData("sizeof(struct ibv_wc)", 48)]
    [InlineData("offsetof(struct ibv_wc, qp_num)", 28)]
    [InlineData("offsetof(struct ibv_wc, wc_flags)", 36)]
    [InlineData("sizeof(struct ibv_qp_init_attr)", 64)]
    [InlineData("offsetof(struct ibv_qp_init_attr, sq_sig_all)", 56)]
    [InlineData("sizeof(struct ibv_qp_attr)", 144)]
    [InlineData("sizeof(struct ibv_srq_init_attr)", 24)]
    [InlineData("sizeof(struct ibv_device_attr)", 232)]
    [InlineData("sizeof(struct ibv_port_attr)", 52)]
    [InlineData("sizeof(struct ibv_async_event)", 16)]
    [InlineData("sizeof(struct rdma_conn_param)", 24)]
    [InlineData("sizeof(struct rdma_cm_event)", 80)]
    [InlineData("offsetof(struct ibv_context, async_fd)", 268)]
    [InlineData("offsetof(struct ibv_context, ops.poll_cq)", 96)]
    [InlineData("offsetof(struct ibv_context, ops.req_notify_cq)", 104)]
    [InlineData("offsetof(struct ibv_context, ops.post_srq_recv)", 168)]
    [InlineData("offsetof(struct ibv_context, ops.post_send)", 208)]
    [InlineData("offsetof(struct ibv_context, ops.post_recv)", 216)]
    [InlineData("offsetof(struct ibv_qp, qp_num)", 52)]
    [InlineData("offsetof(struct ibv_mr, rkey)", 40)]
    [InlineData("offsetof(struct rdma_cm_id, qp)", 24)]
    [InlineData("offsetof(struct rdma_cm_id, port_num)", 348)]
    public void Of_rdma_core(string expression, long value) => Assert.Equal(value, Layout.Structures.First(item => item.Expression == expression).Value);
}
