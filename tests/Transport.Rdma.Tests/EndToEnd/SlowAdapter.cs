using Nvmf.Transport.Rdma.Tests.Virtual;

namespace Nvmf.Transport.Rdma.Tests.EndToEnd;

/// <summary>Carries out what is posted late and in random order of queue pairs, and now and then keeps completions: memory given back too early shows.</summary>
internal sealed class SlowAdapter : IDisposable
{
    private readonly VirtualFabric _fabric;
    private readonly Thread _thread;
    private volatile bool _stopping;

    public SlowAdapter(VirtualFabric fabric, int seed)
    {
        _fabric = fabric;
        fabric.HoldTransfers = true;
        _thread = new Thread(() => Run(new Random(seed))) { IsBackground = true };
        _thread.Start();
    }

    public void Dispose()
    {
        _stopping = true;
        _thread.Join();
        _fabric.DeliverAll();
    }

    private void Run(Random random)
    {
        while (!_stopping)
        {
            _fabric.HoldCompletions = random.Next(2) == 0;
            _fabric.RunTransfers(_ => random.Next(2) == 0);
            Thread.Yield();
            if (!_fabric.HoldCompletions)
            {
                _fabric.DeliverCompletions();
            }
        }
    }
}
