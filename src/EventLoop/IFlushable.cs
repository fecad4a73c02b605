namespace Nvmf.EventLoop;

/// <summary>Has output to hand over at the end of a batch; see <see cref="EventLoopThread.RequestFlush"/>.</summary>
public interface IFlushable : IFailureHandler
{
    /// <summary>The batch of events and posted items is over. On the loop; must not block.</summary>
    void FlushBatch();
}
