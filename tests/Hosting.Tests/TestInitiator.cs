using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;
using Nvmf.Initiator;
using Nvmf.Transport.Tcp;
using Nvmf.Transport.Tcp.QueuePairs;

namespace Nvmf.Hosting.Tests;

/// <summary>A host (initiator) over real TCP, with memory of its own, so that the target's gauges show the target alone.</summary>
internal sealed class TestInitiator : IAsyncDisposable
{
    private readonly BufferPool _pool = new(new BufferPoolOptions { Poison = true, LimitInBytes = 64 << 20 });
    private readonly TcpConnectionFactory _connections = new(Options.Create(new TcpTransportOptions()), NullLoggerFactory.Instance);
    private readonly List<NvmeController> _controllers = [];

    public Task<NvmeController> ConnectAsync(string address, string nqn, Guid? hostId = null) =>
        ConnectAsync(FabricsAddress.Parse(address), nqn, hostId);

    public Task<NvmeController> ConnectAsync(FabricsAddress address, string nqn, Guid? hostId = null) =>
        ConnectAsync(address, new NvmeConnectOptions { SubsystemNqn = nqn, HostId = hostId ?? Guid.NewGuid(), KeepAlive = TimeSpan.FromSeconds(30) });

    public async Task<NvmeController> ConnectAsync(FabricsAddress address, NvmeConnectOptions options)
    {
        EndPoint endPoint = await address.ResolveAsync();
        NvmeController controller = await NvmeController.ConnectAsync(
            new TcpHostQueuePairConnector(_connections),
            endPoint,
            options,
            _pool).WaitAsync(Wait.Deadline);
        _controllers.Add(controller);
        return controller;
    }

    public async Task<NvmeDiscoveryLog> DiscoverAsync(FabricsAddress address) => await NvmeDiscovery.GetLogAsync(
        new TcpHostQueuePairConnector(_connections), await address.ResolveAsync(), _pool).WaitAsync(Wait.Deadline);

    public async ValueTask DisposeAsync()
    {
        foreach (NvmeController controller in _controllers)
        {
            await controller.DisposeAsync();
        }

        await _connections.DisposeAsync();
        Assert.Equal(0, _pool.Statistics.PoisonViolations);
        _pool.Dispose();
    }
}
