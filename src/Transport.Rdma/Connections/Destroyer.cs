namespace Nvmf.Transport.Rdma.Connections;

/// <summary>Destroys queue pairs and ids away from the loops: both block for as long as somebody has an event of theirs un-acknowledged.</summary>
internal class Destroyer
{
    public virtual void Destroy(RdmaConnection connection) =>
        ThreadPool.UnsafeQueueUserWorkItem(static connection => connection.Destroy(), connection, preferLocal: false);
}
