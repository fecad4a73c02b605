using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;
using Nvmf.Transport.Tcp;

namespace Nvmf.Bench.Floor;

/// <summary>Accepts the connections of the floor.</summary>
internal static class FloorServer
{
    public const int BlockSize = 4096;

    public static async Task RunAsync(Action<int> onListening, CancellationToken cancellationToken)
    {
        using var pool = new BufferPool();
        using var memory = new FloorMemory(pool);
        await using var transport = new TcpTransportFactory(Options.Create(ServerSettings.CreateTransportOptions(pool)), NullLoggerFactory.Instance);
        await using var listener = await transport.BindAsync(new IPEndPoint(IPAddress.Loopback, 0), cancellationToken);
        onListening(((IPEndPoint)listener.EndPoint).Port);
        try
        {
            while (await listener.AcceptAsync(cancellationToken) is { } connection)
            {
                var feature = connection.Features.Get<IOwnedMemoryConnectionFeature>() ?? throw new InvalidOperationException("The transport has no owned-memory connections.");
                feature.Lifecycle.TryGoLive();
                feature.Attach(new FloorServerConnection(feature, memory));
            }
        }
        catch (OperationCanceledException)
        {
            // Told to stop.
        }
    }
}
