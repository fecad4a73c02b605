using Nvmf.Abstractions.Buffers;
using Nvmf.EventLoop;
using Nvmf.Transport.Tcp;

namespace Nvmf.Bench.Floor;

/// <summary>What floor and target have in common: one loop on one core.</summary>
internal static class ServerSettings
{
    public static TcpTransportOptions CreateTransportOptions(BufferPool pool) =>
        new() { BufferPool = pool, LoopOptions = new EventLoopGroupOptions { Name = "server", Count = 1 } };
}
