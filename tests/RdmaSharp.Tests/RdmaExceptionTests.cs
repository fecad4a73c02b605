namespace RdmaSharp.Tests;

public sealed class RdmaExceptionTests
{
    /// <summary>Some drivers' libraries fail without setting errno: nobody may take 0 for success.</summary>
    [Fact]
    public void A_failure_without_errno_is_one()
    {
        var exception = new RdmaException("rdma_create_qp", 0);
        Assert.Equal(Errno.EIO, exception.ErrorNumber);
        Assert.Equal("rdma_create_qp: failed without a reason (errno 0)", exception.Message);
    }

    [Fact]
    public void The_reason_is_errno()
    {
        var exception = new RdmaException("ibv_reg_mr", Errno.ENOMEM, "Say so.");
        Assert.Equal(Errno.ENOMEM, exception.ErrorNumber);
        Assert.StartsWith("ibv_reg_mr: ", exception.Message, StringComparison.Ordinal);
        Assert.EndsWith(". Say so.", exception.Message, StringComparison.Ordinal);
    }
}
