namespace Nvmf.Bench.Http;

/// <summary>What carries the connections; the inline kinds run the application on the transport's own threads.</summary>
internal enum TransportKind
{
    Sockets,
    Tcp,
    SocketsInline,
    TcpInline,
}
