namespace Nvmf.Transport.Tcp.Internal;

/// <summary>Runs one end of a pipe on the thread pool.</summary>
internal sealed class PoolPipeScheduler : PipeEndScheduler
{
    protected override void Post(IThreadPoolWorkItem item) => System.Threading.ThreadPool.UnsafeQueueUserWorkItem(item, preferLocal: false);
}
