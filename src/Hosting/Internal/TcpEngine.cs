using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Nvmf.Abstractions.Buffers;
using Nvmf.Transport.Tcp;

namespace Nvmf.Hosting.Internal;

/// <summary>
/// Where TCP connections come from: the event loops where they are supported, otherwise Kestrel's Sockets transport. One for the whole host,
/// so that end points inside Kestrel share the loops with the target's own listeners.
/// </summary>
internal sealed class TcpEngine : IDisposable, IAsyncDisposable
{
    private readonly TcpTransportFactory? _eventLoops;

    /// <param name="options">What most people want to say; goes before <paramref name="tcpOptions"/>.</param>
    /// <param name="tcpOptions">Everything else, by <c>services.Configure&lt;TcpTransportOptions&gt;</c>.</param>
    /// <param name="pool">Memory for protocol headers.</param>
    /// <param name="loggers">Logging.</param>
    /// <param name="time">Clock of the deadlines.</param>
    public TcpEngine(
        IOptions<NvmeTransportOptions> options,
        IOptions<TcpTransportOptions> tcpOptions,
        BufferPool pool,
        ILoggerFactory loggers,
        TimeProvider? time = null)
    {
        if (!TcpTransportFactory.IsSupported)
        {
            Connections = new SocketTransportFactory(Options.Create(new SocketTransportOptions()), loggers);
            return;
        }

        Apply(options.Value, tcpOptions.Value);
        tcpOptions.Value.BufferPool ??= pool;
        tcpOptions.Value.TimeProvider = time ?? tcpOptions.Value.TimeProvider;
        Connections = _eventLoops = new TcpTransportFactory(tcpOptions, loggers);
    }

    public IConnectionListenerFactory Connections { get; }

    public ValueTask DisposeAsync() => _eventLoops?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <summary>For service providers that are disposed synchronously.</summary>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    private static void Apply(NvmeTransportOptions options, TcpTransportOptions tcp)
    {
        LoopOptions.Apply(options, tcp.LoopOptions);
        if (ZeroCopySetting.TryParse(options.ZeroCopy, out ZeroCopyMode zeroCopy, out _) && !zeroCopy.IsAuto)
        {
            tcp.ZeroCopy = zeroCopy;
        }

        tcp.DrainDeadlines = options.Deadlines.ToDrainDeadlines();
    }
}
