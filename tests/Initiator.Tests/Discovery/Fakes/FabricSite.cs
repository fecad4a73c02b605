using System.Net;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;
using Nvmf.Initiator.Tests.Fakes;
using Nvmf.Target;
using Nvmf.Target.Namespaces;
using Nvmf.Transport.Tcp;
using Nvmf.Transport.Tcp.QueuePairs;

namespace Nvmf.Initiator.Tests.Discovery.Fakes;

/// <summary>A target whose listeners come and go.</summary>
internal sealed class FabricSite : IAsyncDisposable
{
    private readonly TcpTransportFactory _transport;
    private readonly BufferPool _pool;
    private readonly List<Listener> _listeners = [];

    public FabricSite(TcpTransportFactory transport, BufferPool pool, string nqn)
    {
        _transport = transport;
        _pool = pool;
        Nqn = nqn;
        Target = new NvmeTarget(new NvmeTargetOptions(), pool);
        Target.AddSubsystem(new SubsystemOptions { Nqn = nqn }).AddNamespace(new NamespaceOptions { NamespaceId = 1 }, new MemoryBackend(1 << 20));
    }

    public string Nqn { get; }

    public NvmeTarget Target { get; }

    /// <summary>Of the first listener.</summary>
    public IPEndPoint EndPoint => (IPEndPoint)_listeners[0].Bound.EndPoint;

    public TargetReferral Referral => new(NvmeTransportType.Tcp, EndPoint.Address, EndPoint.Port);

    public async Task<IPEndPoint> ListenAsync()
    {
        var bound = await new TcpQueuePairListenerFactory(_transport, _pool).BindAsync(new IPEndPoint(IPAddress.Loopback, 0));
        var listener = new Listener(bound, Target.AddPort(TargetPortOptions.FromEndPoint(NvmeTransportType.Tcp, bound.EndPoint)));
        listener.Accepting = AcceptAsync(listener);
        _listeners.Add(listener);
        return (IPEndPoint)bound.EndPoint;
    }

    /// <summary>Takes a listener out of the log; what is connected by it stays.</summary>
    public void Unlist(IPEndPoint endPoint)
    {
        var listener = Find(endPoint);
        Target.RemovePort(listener.Port);
    }

    /// <summary>Lists it again.</summary>
    public void List(IPEndPoint endPoint)
    {
        var listener = Find(endPoint);
        listener.Port = Target.AddPort(TargetPortOptions.FromEndPoint(NvmeTransportType.Tcp, endPoint));
    }

    /// <summary>Nobody says anything: nothing is accepted any more, and every connection breaks.</summary>
    public async Task DieAsync()
    {
        foreach (var listener in _listeners)
        {
            await listener.Bound.UnbindAsync();
            await listener.Accepting.WaitAsync(TargetFixture.Patience);
        }

        foreach (var queuePair in _listeners.SelectMany(listener => listener.Accepted))
        {
            queuePair.Lifecycle.Abort();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await DieAsync();
        await Target.DisposeAsync();
        foreach (var listener in _listeners)
        {
            await listener.Bound.DisposeAsync();
        }
    }

    private Listener Find(IPEndPoint endPoint) => _listeners.Single(listener => listener.Bound.EndPoint.Equals(endPoint));

    private async Task AcceptAsync(Listener listener)
    {
        while (await listener.Bound.AcceptAsync() is { } queuePair)
        {
            listener.Accepted.Add(queuePair);
            queuePair.Start(Target.CreateHandler(queuePair, listener.Port));
        }
    }

    private sealed class Listener(IQueuePairListener bound, TargetPort port)
    {
        public IQueuePairListener Bound => bound;

        public TargetPort Port { get; set; } = port;

        public List<QueuePair> Accepted { get; } = [];

        public Task Accepting { get; set; } = Task.CompletedTask;
    }
}
